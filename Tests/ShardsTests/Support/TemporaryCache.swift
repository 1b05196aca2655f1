import Foundation

@testable import Shards

/// A folder for a test's cache, removed when the test ends.
final class TemporaryCache {
  let url: URL
  static let vocabularySize = 300

  init() { url = .temporaryDirectory.appending(path: "shards-\(UUID().uuidString)") }

  deinit { try? FileManager.default.removeItem(at: url) }

  static func capture(
    codec: CacheCodec = .threshold(threshold: 0.05, temperature: 1), seed: UInt64 = 7,
    draws: Int = 1, vocabularySize: Int = vocabularySize
  ) -> CaptureConfig {
    CaptureConfig(
      codec: codec, vocabularySize: vocabularySize, sequenceLength: 64, sequencesPerShard: 3,
      seed: seed, draws: draws, teacher: .init(name: "toy", fingerprint: "00ff"),
      tokenizerSHA256: "aa",
      dataFingerprint: "bb", bosAdded: false, eosAdded: true,
      arithmetic: ["library": "none", "precision": "float32"])
  }

  static func sequences(
    _ count: Int, codec: CacheCodec = .threshold(threshold: 0.05, temperature: 1), draws: Int = 1
  ) throws -> [CachedSequence] {
    var teacher = SyntheticTeacher(vocabularySize: vocabularySize, seed: 31)
    return try (0..<count).map {
      try teacher.sequence(
        ordinal: $0, count: 6 + $0, codec: codec, draws: draws, masked: $0 % 2 == 1)
    }
  }

  static func tables(
    _ sequences: [CachedSequence], capture: CaptureConfig = capture()
  ) throws -> CodingTables? {
    capture.codec.isSparse ? try CodingTables(calibrating: sequences, capture: capture) : nil
  }

  func writer(
    _ sequences: [CachedSequence], capture: CaptureConfig = capture()
  ) throws -> CacheWriter {
    try CacheWriter(
      directory: url, capture: capture, tables: Self.tables(sequences, capture: capture))
  }

  /// Writes a whole cache.
  @discardableResult
  func write(
    _ sequences: [CachedSequence], capture: CaptureConfig = capture()
  ) throws -> CacheManifest {
    var writer = try writer(sequences, capture: capture)
    for sequence in sequences.dropFirst(writer.nextSequence) { try writer.append(sequence) }
    return try writer.finish()
  }

  func path(_ name: String) -> URL { url.appending(path: name) }

  /// The bytes of every file by name.
  func contents() throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: path($0))) })
  }
}
