import Foundation
import Testing

@testable import Shards

@Suite struct CacheManifestTests {
  private func part(
    _ counts: [Int], capture: CaptureConfig = TemporaryCache.capture(), tables: Int = 40,
    foreign: [CachePart.ForeignShard]? = nil
  ) throws -> CachePart {
    CachePart(
      capture: capture, fingerprint: try CaptureFingerprint(capture),
      shards: counts.enumerated().map { number, count in
        CacheManifest.Shard(
          file: CacheDirectory.shard(number), sequences: count, tokens: 10 * count,
          bytes: 100 * count, sha256: String(repeating: "a", count: 64))
      }, tablesBytes: tables, foreignShards: foreign)
  }

  @Test func countsAreSumsOverTheParts() throws {
    let manifest = CacheManifest(parts: [try part([3, 3, 1]), try part([2], tables: 60)])
    #expect(manifest.sequences == 9 && manifest.tokens == 90 && manifest.bytes == 1000)
    #expect(abs(manifest.bytesPerToken - 1000.0 / 90) < 1e-12)
    #expect(manifest.parts.map(\.tablesBytes) == [40, 60])
    #expect(manifest.shards.map(\.file) == (0..<4).map(CacheDirectory.shard))
    #expect(manifest.formatVersion == 2)
  }

  @Test func foreignShardsAreRenamedWithTheirs() throws {
    let foreign = CachePart.ForeignShard(
      file: CacheDirectory.shard(1), arithmetic: ["library": "other"])
    let manifest = CacheManifest(parts: [try part([3]), try part([3, 2], foreign: [foreign])])
    #expect(manifest.parts[1].shards.map(\.file) == [1, 2].map(CacheDirectory.shard))
    #expect(manifest.parts[1].foreignShards?.map(\.file) == [CacheDirectory.shard(2)])
  }

  @Test func oneNewPartMakesTheVersion() throws {
    let top = TemporaryCache.capture(codec: .topk(entries: 4, temperature: 1))
    #expect(CacheManifest(parts: [try part([1], capture: top)]).formatVersion == 3)
  }

  @Test func whatIsWrittenIsRead() throws {
    let manifest = CacheManifest(parts: [try part([3, 1]), try part([2])])
    #expect(try CacheManifest(CacheJSON.encode(manifest), path: "m") == manifest)
  }

  @Test func partsThatDoNotHoldTogetherAreNamed() throws {
    func fault(_ part: CachePart) -> ShardError? {
      #expect(throws: ShardError.self) { try part.check(firstShard: 0, path: "m") }
    }
    func impossible(_ number: Int) -> ShardError {
      .corrupt(path: "m", reason: "\(CacheDirectory.shard(number)) has impossible counts")
    }
    #expect(throws: Never.self) { try part([3, 3, 1]).check(firstShard: 0, path: "m") }
    #expect(fault(try part([2, 3])) == impossible(0), "only the last may be short")
    #expect(fault(try part([3, 4])) == impossible(1))
    #expect(fault(try part([3, 0])) == impossible(1))
    #expect(
      fault(try part([]))
        == .corrupt(path: "m", reason: "a part has no shards, or no fingerprint"))
    #expect(
      fault(try part([3], tables: -1))
        == .corrupt(path: "m", reason: "its counts are not those of its shards"))
    let shifted = try part([3]).renumbered(from: 4)
    #expect(
      fault(shifted)
        == .corrupt(
          path: "m",
          reason: "shard 0 is named \"shard-00004.kd.zst\", not shard-00000.kd.zst"))
  }

  @Test func marksOfOtherDocumentsAreToldOf() throws {
    let manifest = CacheManifest(parts: [try part([1])])
    #expect(manifest.note(addingBOS: false, addingEOS: true) == nil)
    #expect(
      manifest.note(addingBOS: true, addingEOS: true)
        == "BOS was not added there and is added here: students see documents of both kinds")
    #expect(
      manifest.note(addingBOS: true, addingEOS: false)?
        .contains("; EOS was added there and is not added here:") == true)
  }
}
