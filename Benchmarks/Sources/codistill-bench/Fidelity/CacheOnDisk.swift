import Foundation
import Shards

/// A cache of ours in a folder, written as its sequences come.
final class CacheOnDisk {
  /// What the files of a cache take.
  struct Sizes {
    /// Every file, in bytes a token.
    var everything: Double
    /// What says ids, values and counts, each plane compressed alone, in bytes a token.
    var targets: Double
    /// What does not grow with the data (tables and manifest), in bytes.
    var fixed: Int
    /// All planes, in bytes a token.
    var planes: [CacheStatistics.Plane]
  }

  /// The planes that are not targets: the text, and the two numbers that every record holds.
  private static let besides: Set<String> = [
    "header", "tokens", "fragments", "loss_mask", "entropy", "next_log_probability",
  ]

  private let folder: URL
  private let capture: CaptureConfig
  private var waiting: [CachedSequence] = []
  private var waitingRecords = 0
  private var writer: CacheWriter?

  /// An empty cache of some settings.
  init(_ folder: URL, capture: CaptureConfig) {
    (self.folder, self.capture) = (folder, capture)
  }

  /// Adds a sequence; the first ones wait until the tables can be made.
  func append(_ sequence: CachedSequence) throws {
    guard writer == nil else {
      try writer?.append(sequence)
      return
    }
    waiting.append(sequence)
    waitingRecords += sequence.text.recordCount
    if waitingRecords >= CodingTables.calibrationRecords { try begin() }
  }

  private func begin() throws {
    let tables = try CodingTables(calibrating: waiting, capture: capture)
    var writer = try CacheWriter(directory: folder, capture: capture, tables: tables)
    for sequence in waiting { try writer.append(sequence) }
    self.writer = consume writer
    waiting = []
  }

  /// Finishes the files, measures them, and removes them.
  func finish() throws -> Sizes {
    if writer == nil { try begin() }
    guard let manifest = try writer.take()?.finish() else { throw BenchError.noCache }
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
      targets: planes.filter { !Self.besides.contains($0.name) }
        .reduce(0) { $0 + $1.bytesPerToken },
      fixed: bytes - shards, planes: planes)
  }
}
