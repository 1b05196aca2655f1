import Base
import Foundation
package import Shards
import Tensors

/// Writes what a cache holds into plain files that other programs read.
///
/// Memory is bounded at any size: a few sequences for each thread are decoded at a time.
package struct CacheExporter {
  /// The form of the plain file.
  package enum Format: String, CaseIterable, Sendable {
    /// A JSON object a sequence, a line each.
    case jsonl
    /// Flat tensors over all sequences, with offsets.
    case safetensors
  }

  private static let sequencesPerThread = 4

  let reader: CacheReader
  let sequences: Range<Int>

  /// An exporter of some of a cache's sequences; nil takes all.
  ///
  /// - Throws: `ShardError.noSuchSequence`.
  package init(_ reader: CacheReader, sequences: Range<Int>? = nil) throws(ShardError) {
    let sequences = sequences ?? 0..<reader.count
    for index in [sequences.lowerBound, sequences.upperBound - 1]
    where index < 0 || index >= reader.count {
      throw .noSuchSequence(index: index, count: reader.count)
    }
    self.reader = reader
    self.sequences = sequences
  }

  /// Writes the file, which appears only when it is complete; `progress` is told the sequences
  /// done.
  ///
  /// - Throws: `ShardError` where the cache is damaged, `FileError` where nothing can be written.
  package func write(
    to path: String, format: Format, progress: (_ sequences: Int) -> Void = { _ in }
  ) throws {
    switch format {
    case .jsonl: try writeLines(to: path, progress)
    case .safetensors: try writeTensors(to: path, progress)
    }
  }

  private func writeLines(to path: String, _ progress: (Int) -> Void) throws {
    let file = try AtomicFile(path: path)
    try forEachBatch(progress) { sequence, number in
      sequence.jsonLine(number: number)
    } body: {
      try file.write($0)
    }
    try file.commit()
  }

  /// Decodes and transforms the sequences on all threads; `body` gets the results in order.
  func forEachBatch<Part>(
    _ progress: (Int) -> Void, _ transform: (CachedSequence, Int) throws -> Part,
    body: (Part) throws -> Void
  ) throws {
    let size = Self.sequencesPerThread * Parallel.threadCount
    for first in stride(from: sequences.lowerBound, to: sequences.upperBound, by: size) {
      let count = min(size, sequences.upperBound - first)
      let parts = try Parallel.map(count) { offset in
        try transform(try reader.sequence(at: first + offset), first + offset)
      }
      for part in parts { try body(part) }
      progress(first + count - sequences.lowerBound)
    }
  }
}
