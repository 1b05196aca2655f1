import Foundation
import Testing

@testable import Shards

@Suite struct CacheJSONTests {
  private struct Inner: Codable { var seed = 1 }
  private struct Outer: Codable {
    var name = "a/b"
    var inner = Inner()
    var note: String?
  }

  @Test func keysAreSorted() throws {
    let text = String(decoding: try CacheJSON.encode(Outer()), as: UTF8.self)
    #expect(text == "{\n  \"inner\" : {\n    \"seed\" : 1\n  },\n  \"name\" : \"a/b\"\n}\n")
  }

  @Test func theFirstDifferenceIsNamedByItsPath() throws {
    #expect(try CacheJSON.firstDifference(Outer(), Outer()) == nil)
    var other = Outer()
    other.inner.seed = 2
    other.name = "c"
    let seed = try #require(try CacheJSON.firstDifference(other, Outer()))
    #expect(seed == (key: "inner.seed", found: "2", expected: "1"))
    let note = try #require(try CacheJSON.firstDifference(Outer(), Outer(note: "x")))
    #expect(note == (key: "note", found: "nothing", expected: "x"))
  }

  @Test func whatIsWrongWithAFileIsSaid() {
    func fault(_ json: String) -> ShardError? {
      #expect(throws: ShardError.self) {
        _ = try CacheJSON.decode(CacheManifest.self, Array(json.utf8), path: "m")
      }
    }
    #expect(fault("{}") == .corrupt(path: "m", reason: "the key format_version is missing"))
    #expect(fault("{") == .corrupt(path: "m", reason: "it is no valid JSON of a cache"))
    #expect(fault(#"{"format_version": 1}"#) == .unsupportedVersion(path: "m", version: 1))
    #expect(
      fault(#"{"format_version": "2"}"#)
        == .corrupt(path: "m", reason: "the key format_version is of another type"))
    #expect(
      fault(#"{"format_version": 2}"#)
        == .corrupt(path: "m", reason: "the key sequences is missing"))
  }
}
