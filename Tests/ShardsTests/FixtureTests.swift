import Foundation
import Testing

@testable import Shards

/// Caches of format version 1 as they were first written; every later version must read them.
struct FixtureTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  /// What the Python reader is compared with as well.
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
      (identity, tokens) = (sequence.identity, sequence.tokens)
      (fragments, lossMask) = (sequence.fragments, sequence.lossMask)
      switch sequence.targets {
      case .sparse(let rows):
        (offsets, ids, values) = (rows.offsets, rows.ids, rows.values)
        (argmax, entropy, nextLogProbability) = (rows.argmax, rows.entropy, rows.nextLogProbability)
      case .dense(let rows):
        let width = Int32(rows.vocabularySize)
        offsets = (0...Int32(rows.count)).map { $0 * width }
        ids = (0..<rows.count).flatMap { _ in 0..<width }
        values = (0..<rows.count).flatMap { rows.probabilities(at: $0) }
        (argmax, entropy, nextLogProbability) = (rows.argmax, rows.entropy, rows.nextLogProbability)
      }
    }
  }

  @Test(arguments: ["cache-v1-threshold", "cache-v1-dense"])
  func cachesOfVersionOneAreRead(name: String) throws {
    let folder = Self.folder.appending(path: name)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let expected = try decoder.decode(
      [Expected].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    #expect(CacheVerifier.verify(folder.appending(path: "cache")).ok)
    let reader = try CacheReader(directory: folder.appending(path: "cache"))
    #expect(try (0..<reader.count).map { Expected(try reader.sequence(at: $0)) } == expected)
  }

  /// Writes the fixtures: for a new version of the format, which gets folders of its own.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["CODISTILL_WRITE_FIXTURES"] != nil))
  func writeFixtures() throws {
    let codecs: [(String, CacheCodec, Int)] = [
      ("cache-v1-threshold", .threshold(threshold: 0.05, temperature: 1), 7),
      ("cache-v1-dense", .dense(temperature: 2), 1),
    ]
    for (name, codec, count) in codecs {
      let folder = Self.folder.appending(path: name)
      let sequences = try TemporaryCache.sequences(count, codec: codec)
      var writer = try CacheWriter(
        directory: folder.appending(path: "cache"), capture: TemporaryCache.capture(codec: codec),
        tables: TemporaryCache.tables(sequences, capture: TemporaryCache.capture(codec: codec)))
      for sequence in sequences { try writer.append(sequence) }
      _ = try writer.finish()
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = .sortedKeys
      try encoder.encode(sequences.map { Expected($0) })
        .write(to: folder.appending(path: "expected.json"))
    }
  }
}
