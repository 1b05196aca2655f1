import Foundation
import Testing

@testable import Shards

/// What verification says is damaged, beyond that something is.
struct VerificationTests {
  private let cache = TemporaryCache()

  private func write(_ count: Int = 8) throws {
    try cache.write(try TemporaryCache.sequences(count))
  }

  private func damage() -> [VerificationReport.Damage] {
    CacheVerifier.verify(cache.url, threads: 2).damaged
  }

  private func shard(_ number: Int) -> URL { cache.path(CacheDirectory.shard(number)) }

  @Test func theDamagedFrameIsNamed() throws {
    try write()
    let file = try ShardFile(shard(1).path, limits: .init(payloadSize: 1 << 20, recordCount: 64))
    var bytes = try Data(contentsOf: shard(1))
    bytes[file.index.entries[2].offset + 7] ^= 1
    try bytes.write(to: shard(1))
    #expect(damage() == [.init(file: "shard-00001.kd.zst", unit: 1, frame: 2)])
    bytes[bytes.count - 60] ^= 1
    try bytes.write(to: shard(1))
    #expect(damage() == [.init(file: "shard-00001.kd.zst", unit: 1, frame: nil)])
    try FileManager.default.removeItem(at: shard(2))
    let tables = cache.path("tables-000.zst")
    try Data("junk".utf8).write(to: tables)
    let report = CacheVerifier.verify(cache.url)
    #expect(
      Set(report.damaged.map(\.file)) == [
        "tables-000.zst", "shard-00001.kd.zst", "shard-00002.kd.zst",
      ])
    #expect(report.damagedUnits == [1, 2])
  }

  @Test func shardsThatChangedPlacesAreFound() throws {
    try write(9)
    let contents = try cache.contents()
    func bytes(_ number: Int) throws -> Data {
      try #require(contents[CacheDirectory.shard(number)])
    }
    // Swapped, duplicated, renamed.
    try bytes(1).write(to: shard(0))
    try bytes(0).write(to: shard(1))
    #expect(CacheVerifier.verify(cache.url).damagedUnits == [0, 1])
    try bytes(1).write(to: shard(1))
    #expect(CacheVerifier.verify(cache.url).damagedUnits == [0])
    try bytes(0).write(to: shard(0))
    #expect(CacheVerifier.verify(cache.url).ok)
    try FileManager.default.moveItem(at: shard(2), to: shard(3))
    #expect(
      damage() == [
        .init(file: "shard-00003.kd.zst"), .init(file: "shard-00002.kd.zst", unit: 2),
      ])
    try FileManager.default.moveItem(at: shard(3), to: shard(2))
    try bytes(1).write(to: cache.path("tables-001.zst"))
    #expect(damage() == [.init(file: "tables-001.zst")])
  }

  /// All hashes agree with each other, and yet it is not the data that were captured.
  @Test func whatIsConsistentButWrongIsFound() throws {
    var sequences = try TemporaryCache.sequences(5)
    var digest = DataDigest()
    for sequence in sequences { digest.append(sequence.text) }
    var capture = TemporaryCache.capture()
    capture.dataFingerprint = digest.hexadecimal
    try cache.write(sequences, capture: capture)
    #expect(CacheVerifier.verify(cache.url).ok)

    // Another sequence in place of one that was captured.
    let other = TemporaryCache()
    var teacher = SyntheticTeacher(vocabularySize: TemporaryCache.vocabularySize, seed: 5)
    let stranger = try teacher.sequence(ordinal: 3, count: 9)
    let (third, fourth) = (sequences[3], sequences[4])
    sequences[3] = stranger
    try other.write(sequences, capture: capture)
    let report = CacheVerifier.verify(other.url)
    #expect(report.problems.count == 1 && report.damaged == [.init(file: "manifest.json")])
    #expect(report.problems[0].contains("data_fingerprint"))

    // Two sequences that changed places; their identities say so.
    let swapped = TemporaryCache()
    (sequences[3], sequences[4]) = (fourth, third)
    try swapped.write(sequences, capture: capture)
    #expect(
      CacheVerifier.verify(swapped.url).damaged == [
        .init(file: "shard-00001.kd.zst", unit: 1, frame: 0),
        .init(file: "shard-00001.kd.zst", unit: 1, frame: 1),
      ])
  }
}
