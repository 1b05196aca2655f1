public import Foundation
public import Models
public import Shards
public import Tensors
public import Text

/// Runs a teacher over all sequences and writes the cache.
public struct CacheBuilder {
  /// How far a capture has come.
  public struct Progress: Sendable {
    /// Predictions in the cache by now, those of earlier attempts included.
    public var tokens: Int
    /// Predictions in all.
    public var totalTokens: Int
    /// Predictions made by this attempt.
    public var newTokens: Int
  }

  /// How a capture ended.
  public enum Outcome: Sendable {
    /// The cache is complete; `newTokens` predictions were made by this attempt.
    case finished(CacheManifest, newTokens: Int)
    /// It was interrupted with this many sequences stored; the same command continues.
    case interrupted(sequences: Int)
  }

  private let runner: TeacherRunner
  private let sequences: [PackedSequence]
  private let capture: CaptureConfig
  private let kinds: [UInt8]?

  /// A builder for some sequences under the settings of a capture.
  ///
  /// `kinds` tells what kind of token each id is (`Tokenizer.kinds`), which makes the cache smaller.
  public init(
    teacher: Decoder, sequences: [PackedSequence], capture: CaptureConfig, kinds: [UInt8]? = nil
  ) {
    self.kinds = kinds
    runner = TeacherRunner(
      teacher: teacher, codec: capture.codec, seed: capture.seed, draws: capture.draws)
    (self.sequences, self.capture) = (sequences, capture)
  }

  /// Writes the cache, continuing what an interrupted attempt left.
  ///
  /// - Throws: `ShardError`.
  public func build(
    directory: URL, isInterrupted: () -> Bool = { false }, progress: (Progress) -> Void = { _ in }
  ) throws -> Outcome {
    let found = try CodingTables(directory: directory, capture: capture)
    let tables = try found ?? calibratedTables()
    var writer = try CacheWriter(directory: directory, capture: capture, tables: tables)
    if let finished = writer.finished { return .finished(finished, newTokens: 0) }
    let codec = writer.codec
    let total = tokenCount(sequences[...])
    let before = tokenCount(sequences.prefix(writer.nextSequence))
    var done = before
    while writer.nextSequence < sequences.count {
      if isInterrupted() { return .interrupted(sequences: writer.nextSequence) }
      let first = writer.nextSequence
      let batch = sequences[first..<min(sequences.count, first + batchCount)]
      let frames = try Parallel.map(batch.count) { index in
        try codec.encode(runner.capture(batch[first + index], ordinal: first + index))
      }
      for frame in frames { try writer.append(frame) }
      done += tokenCount(batch)
      progress(Progress(tokens: done, totalTokens: total, newTokens: done - before))
    }
    return .finished(try writer.finish(), newTokens: done - before)
  }

  /// Enough sequences that every thread has several and an interruption is soon noticed.
  private var batchCount: Int { min(capture.sequencesPerShard, 4 * Parallel.threadCount) }

  /// The tables that every worker computes alike, from what the teacher says here and there.
  private func calibratedTables() throws -> CodingTables? {
    guard capture.codec.isSparse else { return nil }
    let chosen = CodingTables.calibrationSequences(
      recordCounts: sequences.map(\.predictionCount))
    let captured = try Parallel.map(chosen.count) {
      try runner.capture(sequences[chosen[$0]], ordinal: chosen[$0])
    }
    return try CodingTables(
      calibrating: captured, text: sequences.lazy.flatMap(\.tokens), kinds: kinds,
      capture: capture)
  }

  private func tokenCount(_ sequences: ArraySlice<PackedSequence>) -> Int {
    sequences.reduce(0) { $0 + $1.predictionCount }
  }
}

extension CaptureConfig {
  /// What computes a teacher's logits, as a manifest records it.
  public static func arithmetic(_ precision: Precision) -> [String: String] {
    ["products": MatrixKernel.description(of: precision), "precision": precision.rawValue]
  }
}
