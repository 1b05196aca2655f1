import Base
public import Foundation
public import Models
public import Shards
public import Tensors
public import Text

/// Runs a teacher over all sequences and writes the cache, alone or as one of several workers.
///
/// With the `Decoder` of a checkpoint at a path as the teacher, and text of `PackedData.load`:
///
/// ```swift
/// let capture = CaptureConfig(
///   codec: .threshold(threshold: 0.02, temperature: 1), vocabularySize: teacher.config.vocabSize,
///   sequenceLength: 512, seed: 1, teacher: .init(name: path, fingerprint: checkpoint.fingerprint),
///   tokenizerSHA256: tokenizer.fingerprint, dataFingerprint: packed.fingerprint,
///   bosAdded: false, eosAdded: false, arithmetic: CaptureConfig.arithmetic(teacher.precision))
/// let outcome = try CacheBuilder(teacher: teacher, sequences: packed.sequences, capture: capture)
///   .build(directory: URL(filePath: "cache"))
/// ```
public struct CacheBuilder {
  /// The progress of a capture.
  public struct Progress: Sendable {
    /// Predictions of this worker's share in the cache by now, those of earlier attempts included.
    public var tokens: Int
    /// Predictions of this worker's share in all.
    public var totalTokens: Int
    /// Predictions made by this attempt.
    public var newTokens: Int
    /// Predictions that this attempt ran the teacher over, those of the calibration included.
    public var teacherTokens: Int
  }

  /// The outcome of a capture.
  public enum Outcome: Sendable {
    /// The cache is complete; `newTokens` predictions were made by this attempt.
    case finished(CacheManifest, newTokens: Int)
    /// This worker's share is done, and the cache not committed.
    case shareDone(units: Int, sequences: Int, newTokens: Int)
    /// These units are being made by other processes; the same command continues.
    case leftToOthers(units: [Int])
    /// It was interrupted with this many sequences stored; the same command continues.
    case interrupted(sequences: Int)
  }

  let runner: TeacherRunner
  let sequences: [PackedSequence]
  let capture: CaptureConfig
  private let kinds: [UInt8]?
  private let isInterrupted: () -> Bool
  private let progress: (Progress) -> Void

  /// A builder for some sequences under the settings of a capture.
  ///
  /// `kinds` tells what kind of token each id is (`Tokenizer.kinds`), which makes the cache
  /// smaller; `isInterrupted` is asked between batches whether to stop; `progress` is told after
  /// every batch how far the capture is.
  public init(
    teacher: Teacher, sequences: [PackedSequence], capture: CaptureConfig, kinds: [UInt8]? = nil,
    isInterrupted: @escaping () -> Bool = { false },
    progress: @escaping (Progress) -> Void = { _ in }
  ) {
    self.kinds = kinds
    runner = TeacherRunner(
      teacher: teacher, codec: capture.codec, seed: capture.seed, draws: capture.draws)
    self.sequences = sequences
    self.capture = capture
    self.isInterrupted = isInterrupted
    self.progress = progress
  }

  /// Writes a worker's share of the cache, continuing what an interrupted attempt left.
  ///
  /// A worker that has all of the work commits the cache as well; the others leave that to
  /// `PartBuilder.commit`.
  /// - Parameters:
  ///   - directory: the folder of the cache.
  ///   - share: the units that this process makes.
  ///   - appending: whether the sequences follow those of a finished cache, as a new part.
  ///   - onLeft: told the unit that is left out because another process is making it.
  ///   - onMade: told the unit that was made.
  /// - Returns: what became of the share.
  /// - Throws: `ShardError`.
  public func build(
    directory: URL, share: WorkShare = .whole, appending: Bool = false,
    onLeft: (Int) -> Void = { _ in }, onMade: (Int) -> Void = { _ in }
  ) throws -> Outcome {
    guard let calibration = try calibration(of: directory) else {
      return .interrupted(sequences: 0)
    }
    return try build(
      directory: directory, calibration, share: share, appending: appending, onLeft: onLeft,
      onMade: onMade)
  }

  /// Writes a worker's share under tables that are known.
  func build(
    directory: URL, _ calibration: Calibration, share: WorkShare = .whole, appending: Bool = false,
    onLeft: (Int) -> Void = { _ in }, onMade: (Int) -> Void = { _ in }
  ) throws -> Outcome {
    let part = try PartBuilder(
      directory: directory, capture: capture, tables: calibration.tables,
      sequences: sequences.count, appending: appending)
    if let finished = part.finished { return .finished(finished, newTokens: 0) }
    let units = share.units(of: part.unitCount ?? 0)
    var work = UnitWork(
      total: units.reduce(0) { $0 + tokenCount(part.sequences(of: $1)) }, calibration: calibration)
    work.calibration.keep(only: units.map(part.sequences))
    var left = try make(units, of: part, &work, onLeft: onLeft, onMade: onMade)
    // Who has made them by now, or died over them, holds up nobody.
    if !left.isEmpty, !work.isInterrupted {
      left = try make(left, of: part, &work, onLeft: { _ in }, onMade: onMade)
    }
    if work.isInterrupted { return .interrupted(sequences: work.sequences) }
    guard left.isEmpty else { return .leftToOthers(units: left) }
    guard share == .whole else {
      return .shareDone(
        units: units.count, sequences: work.sequences, newTokens: work.newTokens)
    }
    let manifest = try part.commit(known: work.shards, threads: Parallel.threadCount)
    return .finished(manifest, newTokens: work.newTokens)
  }

  /// Makes units one after the other, and returns those that other processes are making.
  private func make(
    _ units: [Int], of part: PartBuilder, _ work: inout UnitWork, onLeft: (Int) -> Void,
    onMade: (Int) -> Void
  ) throws -> [Int] {
    var left: [Int] = []
    for unit in units {
      if isInterrupted() { work.isInterrupted = true }
      guard !work.isInterrupted else { break }
      let range = part.sequences(of: unit)
      switch try part.claim(unit) {
      case .finished(let shard): work.add(shard, unit, newTokens: 0)
      case .elsewhere:
        left.append(unit)
        onLeft(unit)
      case .granted(let writer):
        guard let whole = try fill(consume writer, range, part.codec, &work) else { break }
        work.add(try whole.finish(), unit, newTokens: tokenCount(range))
        onMade(unit)
        progress(work.progress())
      }
    }
    return left
  }

  /// Puts the teacher's answers to some sequences into a shard; nil if it was interrupted.
  func fill(
    _ writer: consuming ShardWriter, _ range: Range<Int>, _ codec: FrameCodec,
    _ work: inout UnitWork
  ) throws -> ShardWriter? {
    var next = range.lowerBound
    while next < range.upperBound {
      if next > range.lowerBound, isInterrupted() {
        work.isInterrupted = true
        writer.discard()
        return nil
      }
      let batch = batch(from: next, in: range, work.calibration)
      for frame in try frames(of: batch, codec, &work) { try writer.append(frame) }
      next = batch.upperBound
      if next < range.upperBound {
        progress(work.progress(unfinished: tokenCount(range.lowerBound..<next)))
      }
    }
    return writer
  }

  /// The sequences from `first` on, up to as many for the teacher as make one batch.
  ///
  /// The answers that are kept lie spread between them: a streamed teacher would be read from its
  /// file for fewer sequences than it could be.
  private func batch(
    from first: Int, in range: Range<Int>, _ calibration: Calibration
  ) -> Range<Int> {
    var (end, asked) = (first, 0)
    while end < range.upperBound, asked < batchCount {
      if !calibration.has(end) { asked += 1 }
      end += 1
    }
    return first..<end
  }

  /// The frames of some sequences, from answers that are kept or that the teacher gives now.
  private func frames(
    of batch: Range<Int>, _ codec: FrameCodec, _ work: inout UnitWork
  ) throws -> [EncodedFrame] {
    let asked = batch.filter { !work.calibration.has($0) }
    let kept = batch.compactMap { work.calibration.take($0) }
    let old = try Parallel.map(kept.count) { try codec.encode(kept[$0]) }
    let new = try runner.capture(numbered(asked)) { try codec.encode($0) }
    work.count(teacher: asked.reduce(0) { $0 + sequences[$1].predictionCount })
    var (oldNext, newNext) = (old.makeIterator(), new.makeIterator())
    let isAsked = Set(asked)
    return batch.compactMap { isAsked.contains($0) ? newNext.next() : oldNext.next() }
  }

  private var batchCount: Int { min(capture.sequencesPerShard, runner.teacher.sequencesPerBatch) }

  /// Sequences with their numbers in the capture.
  private func numbered(_ range: some Sequence<Int>) -> [TeacherRunner.Numbered] {
    range.map { (ordinal: $0, sequence: sequences[$0]) }
  }

  /// The coding tables: those that the cache was begun with, or computed; nil if interrupted.
  func calibration(of directory: URL) throws -> Calibration? {
    if let found = try CodingTables(directory: directory, capture: capture) {
      return Calibration(tables: found)
    }
    return try calibrated()
  }

  /// The tables that every worker computes alike, from what the teacher says here and there, with
  /// what it said; nil if interrupted.
  func calibrated() throws -> Calibration? {
    guard capture.codec.isSparse else { return Calibration(tables: nil) }
    let chosen = CodingTables.calibrationSequences(
      recordCounts: sequences.map(\.predictionCount))
    var captured: [CachedSequence] = []
    while captured.count < chosen.count {
      guard captured.isEmpty || !isInterrupted() else { return nil }
      let batch = chosen[captured.count...].prefix(max(batchCount, Parallel.threadCount))
      captured += try runner.capture(numbered(batch)) { $0 }
    }
    let tables = try tables(of: captured, records: tokenCount(sequences.indices))
    return Calibration(tables: tables, answers: captured, of: chosen)
  }

  /// The tables that the teacher's answers to some sequences give for so many records.
  func tables(of answers: [CachedSequence], records: Int?) throws(ShardError) -> CodingTables {
    try CodingTables(
      calibrating: answers, records: records, text: sequences.lazy.flatMap(\.tokens), kinds: kinds,
      capture: capture)
  }

  private func tokenCount(_ range: Range<Int>) -> Int {
    sequences[range].reduce(0) { $0 + $1.predictionCount }
  }
}

extension CacheBuilder {
  /// A builder for a teacher in memory.
  public init(
    teacher: Decoder, sequences: [PackedSequence], capture: CaptureConfig,
    isInterrupted: @escaping () -> Bool = { false },
    progress: @escaping (Progress) -> Void = { _ in }
  ) {
    self.init(
      teacher: .resident(teacher), sequences: sequences, capture: capture,
      isInterrupted: isInterrupted, progress: progress)
  }
}

extension CaptureConfig {
  /// The arithmetic that computes a teacher's logits, as a manifest records it.
  public static func arithmetic(_ precision: Precision) -> [String: String] {
    ["products": MatrixKernel.of(precision).name, "precision": precision.rawValue]
  }
}
