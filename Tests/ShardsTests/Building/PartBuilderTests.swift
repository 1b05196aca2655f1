import Foundation
import Testing

@testable import Shards

/// Several writers of one cache, which do not talk.
struct PartBuilderTests {
  /// Eight sequences are three units: 0 ..< 3, 3 ..< 6, 6 ..< 8.
  private let sequences = Result { try TemporaryCache.sequences(8) }

  private func builder(_ cache: TemporaryCache, appending: Bool = false) throws -> PartBuilder {
    let sequences = try sequences.get()
    return try PartBuilder(
      directory: cache.url, capture: TemporaryCache.capture(),
      tables: TemporaryCache.tables(sequences), sequences: sequences.count, appending: appending)
  }

  private func make(_ unit: Int, of part: PartBuilder) throws {
    guard case .granted(var writer) = try part.claim(unit) else {
      Issue.record("unit \(unit) was to be free")
      return
    }
    let sequences = try sequences.get()
    for index in part.sequences(of: unit) {
      try writer.append(part.codec.encode(sequences[index]))
    }
    _ = try writer.finish()
  }

  private func undisturbed() throws -> [String: Data] {
    let cache = TemporaryCache()
    try cache.write(try sequences.get())
    return try cache.contents()
  }

  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
  func unitsInAnyOrderGiveTheBytesOfOneWriter(order: [Int]) throws {
    let cache = TemporaryCache()
    for unit in order { try make(unit, of: builder(cache)) }
    let manifest = try PartBuilder.commit(directory: cache.url, threads: 2)
    #expect(manifest.shards.map(\.sequences) == [3, 3, 2])
    #expect(try cache.contents() == undisturbed())
    #expect(CacheVerifier.verify(cache.url).ok)
    // Doing any of it again changes nothing.
    #expect(try PartBuilder.commit(directory: cache.url, threads: 1) == manifest)
    #expect(try builder(cache).finished == manifest)
    #expect(try cache.contents() == undisturbed())
  }

  @Test func aCommitNamesWhatIsMissing() throws {
    let cache = TemporaryCache()
    let path = CacheDirectory(cache.url).path
    try make(1, of: builder(cache))
    #expect(throws: ShardError.unitsMissing(path: path, units: [0, 2], of: 3)) {
      try PartBuilder.commit(directory: cache.url, threads: 2)
    }
    #expect(throws: ShardError.unfinished(path: path)) { try CacheReader(directory: cache.url) }
    for unit in [0, 2] { try make(unit, of: builder(cache)) }
    // A damaged unit counts as missing, and is made again.
    let shard = cache.path("shard-00001.kd.zst")
    var bytes = try Data(contentsOf: shard)
    bytes[40] ^= 4
    try bytes.write(to: shard)
    let error = #expect(throws: ShardError.self) {
      try PartBuilder.commit(directory: cache.url, threads: 2)
    }
    #expect(error?.description.contains("1 of 3 units are missing or damaged (1)") == true)
    try make(1, of: builder(cache))
    _ = try PartBuilder.commit(directory: cache.url, threads: 2)
    #expect(try cache.contents() == undisturbed())
  }

  @Test func aUnitHasOneWriterAtATime() throws {
    let cache = TemporaryCache()
    let part = try builder(cache)
    do {
      guard case .granted(let writer) = try part.claim(0) else {
        Issue.record("the unit was to be free")
        return
      }
      guard case .elsewhere = try builder(cache).claim(0) else {
        Issue.record("the unit was to be taken")
        return
      }
      try make(1, of: builder(cache))
      // What the first owner leaves is no obstacle.
      _ = consume writer
    }
    #expect(try cache.contents()["shard-00000.kd.zst.tmp"] != nil)
    for unit in [0, 2] { try make(unit, of: part) }
    guard case .finished(let shard) = try part.claim(0) else {
      Issue.record("the unit was to be there")
      return
    }
    #expect(shard.sequences == 3)
    _ = try part.commit(threads: 1)
    #expect(try cache.contents() == undisturbed())
  }

  @Test func workersCompareTheirSettings() throws {
    let cache = TemporaryCache()
    _ = try builder(cache)
    let sequences = try sequences.get()
    let tables = try TemporaryCache.tables(sequences)
    let error = #expect(throws: ShardError.self) {
      _ = try PartBuilder(
        directory: cache.url, capture: TemporaryCache.capture(seed: 8), tables: tables,
        sequences: 8)
    }
    #expect(error?.description.contains("seed = 7, not 8") == true)
    let other = #expect(throws: ShardError.self) {
      _ = try PartBuilder(
        directory: cache.url, capture: TemporaryCache.capture(), tables: tables, sequences: 9)
    }
    #expect(other?.description.contains("sequences = 8, not 9") == true)
    // Where the teacher lies is of no account: machines mount disks where they like.
    var moved = TemporaryCache.capture()
    moved.teacher.name = "elsewhere/toy"
    let part = try PartBuilder(
      directory: cache.url, capture: moved, tables: tables, sequences: 8)
    for unit in 0..<3 { try make(unit, of: part) }
    _ = try part.commit(threads: 1)
    #expect(try cache.contents() == undisturbed())
  }

  /// Tables of another attempt, whose settings nobody knows any more, decide nothing.
  @Test func tablesWithoutSettingsAreNotTrusted() throws {
    let sequences = try sequences.get()
    let (cache, whole) = (TemporaryCache(), TemporaryCache())
    let capture = TemporaryCache.capture()
    try whole.write(sequences)
    #expect(try CodingTables(directory: cache.url, capture: capture) == nil)
    _ = try builder(cache)
    let tables = try TemporaryCache.tables(sequences)
    #expect(try CodingTables(directory: cache.url, capture: capture) == tables)
    #expect(
      try CodingTables(directory: cache.url, capture: TemporaryCache.capture(seed: 8)) == nil)
    #expect(try CodingTables(directory: whole.url, capture: capture) == tables)
    try FileManager.default.removeItem(at: cache.path("capture.json"))
    #expect(try CodingTables(directory: cache.url, capture: capture) == nil)
    try make(0, of: builder(cache))
  }

  @Test func numberRangesReadWell() {
    let error = ShardError.unitsMissing(path: "c", units: [0, 2, 3, 4, 9], of: 10)
    #expect(error.description.contains("5 of 10 units are missing or damaged (0, 2–4, 9)"))
  }
}
