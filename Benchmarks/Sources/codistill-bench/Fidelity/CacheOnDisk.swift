import Foundation
import Shards

/// A cache of ours, written into a folder once all of its sequences have come.
///
/// They wait in memory because the tables are made from some that are spread over the data.
final class CacheOnDisk {
  /// What the files of a cache take.
  struct Sizes {
    /// Every file, in bytes a token.
    var everything: Double
    /// What says ids, values and counts, in bytes a token.
    var targets: Double
    /// What does not grow with the data (tables and manifest), in bytes.
    var fixed: Int
    /// What each kind of number takes, in bytes a token.
    var planes: [String: Double]
  }

  private let folder: URL
  private let capture: CaptureConfig
  private let kinds: [UInt8]
  private var sequences: [CachedSequence] = []

  /// An empty cache of some settings; `kinds` tells what kind of token each id is.
  init(_ folder: URL, capture: CaptureConfig, kinds: [UInt8]) {
    (self.folder, self.capture, self.kinds) = (folder, capture, kinds)
  }

  /// Adds a sequence.
  func append(_ sequence: CachedSequence) { sequences.append(sequence) }

  /// Writes the files, measures them, and removes them.
  func finish() throws -> Sizes {
    guard !sequences.isEmpty else { throw BenchError.noCache }
    let manifest = try write()
    let planes = try CacheReader(directory: folder).statistics(limit: .max).planes
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.fileSizeKey])
    let bytes = try files.reduce(0) {
      $0 + (try $1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
    }
    try FileManager.default.removeItem(at: folder)
    let shards = manifest.shards.reduce(0) { $0 + $1.bytes }
    return Sizes(
      everything: Double(bytes) / Double(manifest.tokens),
      targets: planes.filter { [.ids, .values, .counts].contains($0.name) }
        .reduce(0) { $0 + $1.bytesPerToken },
      fixed: bytes - shards,
      planes: Dictionary(uniqueKeysWithValues: planes.map { ("\($0.name)", $0.bytesPerToken) }))
  }

  private func write() throws -> CacheManifest {
    let chosen = CodingTables.calibrationSequences(
      recordCounts: sequences.map(\.text.recordCount))
    let tables = try CodingTables(
      calibrating: chosen.map { sequences[$0] },
      records: sequences.reduce(0) { $0 + $1.text.recordCount },
      text: sequences.lazy.flatMap(\.tokens), kinds: kinds, capture: capture)
    var writer = try CacheWriter(directory: folder, capture: capture, tables: tables)
    for sequence in sequences { try writer.append(sequence) }
    sequences = []
    return try writer.finish()
  }
}
