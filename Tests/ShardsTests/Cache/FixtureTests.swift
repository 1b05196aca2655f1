import Foundation
import TestSupport
import Testing

@testable import Shards

/// Caches of each version of the format as they were first written; every later one must read them.
struct FixtureTests {
  static let folder = Fixtures.url("")

  /// The first draw of a sequence.
  struct Expected: Codable, Equatable {
    var identity: UInt64
    var tokens: [Int32]
    var fragments: [Int]
    var lossMask: [Bool]?
    var offsets: [Int32]
    var ids: [Int32]
    var values: [Float]
    var argmax: [Int32]
    var entropy: [Float]
    var nextLogProbability: [Float]

    init(_ sequence: CachedSequence) {
      identity = sequence.identity
      tokens = sequence.tokens
      fragments = sequence.fragments
      lossMask = sequence.lossMask
      switch sequence.targets {
      case .sparse(let rows):
        offsets = rows.offsets
        ids = rows.ids
        values = rows.values
        argmax = rows.argmax
        entropy = rows.entropy
        nextLogProbability = rows.nextLogProbability
      case .dense(let rows):
        let width = Int32(rows.vocabularySize)
        offsets = (0...Int32(rows.count)).map { $0 * width }
        ids = (0..<rows.count).flatMap { _ in 0..<width }
        values = (0..<rows.count).flatMap { rows.probabilities(at: $0) }
        argmax = rows.argmax
        entropy = rows.entropy
        nextLogProbability = rows.nextLogProbability
      }
    }
  }

  /// A fixture: its folder's name and what it was written with.
  struct Fixture: CustomTestStringConvertible, Sendable {
    let name: String
    let codec: CacheCodec
    var draws = 1
    var count = 5

    var testDescription: String { name }

    static let all = [
      Fixture(
        name: "cache-v2-threshold", codec: .threshold(threshold: 0.05, temperature: 1), draws: 2,
        count: 7),
      Fixture(name: "cache-v2-topk", codec: .topk(entries: 12, temperature: 1)),
      Fixture(name: "cache-v2-sample", codec: .sample(samples: 20, temperature: 1), draws: 2),
      Fixture(name: "cache-v2-dense", codec: .dense(temperature: 2), count: 1),
      Fixture(name: "cache-v3-topk", codec: .topk(entries: 12, temperature: 1)),
    ]
    /// Those that are written so today.
    static let current = all.filter { $0.name != "cache-v2-topk" }
  }

  @Test(arguments: Fixture.all)
  func cachesOfAllVersionsAreRead(fixture: Fixture) throws {
    let folder = Self.folder.appending(path: fixture.name)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let expected = try decoder.decode(
      [Expected].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    #expect(CacheVerifier.verify(folder.appending(path: "cache")).ok)
    let reader = try CacheReader(directory: folder.appending(path: "cache"))
    #expect(try (0..<reader.count).map { Expected(try reader.sequence(at: $0)) } == expected)
  }

  /// What is written today is what was written then, byte for byte.
  @Test(arguments: Fixture.current)
  func theSameBytesAreWritten(fixture: Fixture) throws {
    let cache = TemporaryCache()
    try write(fixture, to: cache.url)
    let folder = Self.folder.appending(path: fixture.name).appending(path: "cache")
    for (name, bytes) in try cache.contents() where name.hasPrefix("shard") {
      #expect(try Data(contentsOf: folder.appending(path: name)) == bytes)
    }
  }

  private func write(_ fixture: Fixture, to folder: URL) throws {
    let capture = TemporaryCache.capture(codec: fixture.codec, draws: fixture.draws)
    let sequences = try TemporaryCache.sequences(
      fixture.count, codec: fixture.codec, draws: fixture.draws)
    var writer = try CacheWriter(
      directory: folder, capture: capture,
      tables: TemporaryCache.tables(sequences, capture: capture))
    for sequence in sequences { try writer.append(sequence) }
    _ = try writer.finish()
  }

  /// Writes the fixtures: for a new version of the format, which gets folders of its own.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["CODISTILL_WRITE_FIXTURES"] != nil))
  func writeFixtures() throws {
    for fixture in Fixture.current where fixture.name.contains("v3") {
      let folder = Self.folder.appending(path: fixture.name)
      try write(fixture, to: folder.appending(path: "cache"))
      let reader = try CacheReader(directory: folder.appending(path: "cache"))
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = .sortedKeys
      try encoder.encode((0..<reader.count).map { Expected(try reader.sequence(at: $0)) })
        .write(to: folder.appending(path: "expected.json"))
    }
  }
}
