import Foundation
import Testing

@testable import Shards

@Suite struct TablesFileTests {
  private func tables(kinds: [UInt8]? = nil) throws -> CodingTables {
    try CodingTables(
      calibrating: TemporaryCache.sequences(4), text: [5, 5, 5, 2],
      kinds: kinds, capture: TemporaryCache.capture())
  }

  @Test func whatIsWrittenIsRead() throws {
    let tables = try tables(kinds: (0..<300).map { UInt8($0 % 6) })
    let bytes = try TablesFile.encode(tables)
    #expect(TablesFile.decode(bytes, vocabularySize: 300) == tables)
    #expect(try TablesFile.encode(tables) == bytes)
  }

  @Test func tablesOfAnotherVocabularyAreNone() throws {
    let bytes = try TablesFile.encode(try tables())
    #expect(TablesFile.decode(bytes, vocabularySize: 299) == nil)
    #expect(TablesFile.decode(bytes, vocabularySize: 301) == nil)
    #expect(TablesFile.decode([], vocabularySize: 300) == nil)
  }

  /// Every byte of the payload set to others: no trap, and never tables that cannot be.
  @Test func payloadsThatLieAreNone() throws {
    let bytes = try TablesFile.encode(try tables())
    let size = try #require(ZstdFrame.declaredSize(bytes))
    let payload = try ZstdFrame.decompress(bytes, size: size)
    // The counts, and the first of the kinds.
    for place in 0..<9 {
      for value: UInt8 in [6, 255] where payload[place] != value {
        var hostile = payload
        hostile[place] = value
        let frame = try ZstdFrame.compress([hostile], level: 1)
        #expect(TablesFile.decode(frame, vocabularySize: 300) == nil, "byte \(place)")
      }
    }
    for length in stride(from: 0, to: payload.count, by: 17) {
      let frame = try ZstdFrame.compress([Array(payload.prefix(length))], level: 1)
      #expect(TablesFile.decode(frame, vocabularySize: 300) == nil)
    }
  }

  @Test func filesThatAreNotTheCapturesAreNamed() throws {
    let cache = TemporaryCache()
    let manifest = try cache.write(try TemporaryCache.sequences(2))
    let directory = CacheDirectory(cache.url)
    #expect(try TablesFile.load(directory, manifest.capture, part: 0) != nil)
    var capture = manifest.capture
    capture.tablesSHA256 = nil
    #expect(try TablesFile.load(directory, capture, part: 0) == nil)
    capture.tablesSHA256 = "00"
    #expect(
      throws: ShardError.corrupt(
        path: directory.path("tables-000.zst"),
        reason: "its SHA-256 is not the one that the manifest states")
    ) { try TablesFile.load(directory, capture, part: 0) }
  }
}
