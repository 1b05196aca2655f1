import Base
public import Foundation
import Shards
import Tensors
import Text

extension CacheImporter {
  /// Writes the cache, continuing what an interrupted attempt left.
  ///
  /// - Parameters:
  ///   - directory: the folder of the cache.
  ///   - survey: what the first reading found.
  ///   - isInterrupted: asked between batches whether to stop.
  ///   - progress: told the predictions that are stored.
  /// - Returns: how it ended.
  /// - Throws: `ShardError`, and `ScoredTextError` where the files changed since the survey.
  public func write(
    to directory: URL, _ survey: Survey, isInterrupted: () -> Bool = { false },
    progress: (_ tokens: Int) -> Void = { _ in }
  ) throws -> Outcome {
    let capture = try capture(survey)
    let maker = try SequenceMaker(capture)
    let tables =
      try CodingTables(directory: directory, capture: capture)
      ?? tables(capture, maker, records: survey.predictions)
    var writer = try CacheWriter(directory: directory, capture: capture, tables: tables)
    if let finished = writer.finished { return .finished(finished, newTokens: 0) }
    let newTokens = try fill(
      &writer, capture, maker, isInterrupted: isInterrupted, progress: progress)
    guard let newTokens else { return .interrupted(sequences: writer.nextSequence) }
    return .finished(try writer.finish(), newTokens: newTokens)
  }

  /// Appends the sequences that are not stored yet; returns their predictions, or nil if it was
  /// interrupted.
  private func fill(
    _ writer: inout CacheWriter, _ capture: CaptureConfig, _ maker: SequenceMaker,
    isInterrupted: () -> Bool, progress: (_ tokens: Int) -> Void
  ) throws -> Int? {
    let before = writer.nextSequence
    var (batch, digest) = ([(ScoredSequence, Int)](), SequenceDigest())
    var (done, newTokens, isStopped) = (0, 0, false)
    try forEachSequence(length: capture.sequenceLength) { scored, number in
      digest.append(scored.sequence)
      done += scored.rows.count
      guard number >= before else { return true }
      batch.append((scored, number))
      newTokens += scored.rows.count
      guard batch.count == 4 * Parallel.threadCount else { return true }
      try append(batch, to: &writer, maker)
      batch = []
      progress(done)
      isStopped = isInterrupted()
      return !isStopped
    }
    if isStopped { return nil }
    guard digest.hexadecimal() == capture.dataFingerprint else { throw changed }
    try append(batch, to: &writer, maker)
    return newTokens
  }

  private func append(
    _ batch: [(ScoredSequence, Int)], to writer: inout CacheWriter, _ maker: SequenceMaker
  ) throws {
    let codec = writer.codec
    let frames = try Parallel.map(batch.count) {
      try codec.encode(maker.sequence(batch[$0].0, ordinal: batch[$0].1))
    }
    for frame in frames { try writer.append(frame) }
  }

  private var changed: ScoredTextError {
    ScoredTextError(texts.paths.joined(separator: ", "), nil, .changed)
  }

  /// The settings of the capture, the digests of all packed tokens and of their rows among them:
  /// rows that a server was asked for again must not continue a cache of the first ones.
  private func capture(_ survey: Survey) throws -> CaptureConfig {
    let length = settings.sequenceLength ?? survey.longest
    var (digest, rows, predictions) = (SequenceDigest(), Digest(), 0)
    try forEachSequence(length: length) { scored, _ in
      digest.append(scored.sequence)
      for row in scored.rows { row.update(&rows) }
      predictions += scored.rows.count
      return true
    }
    guard predictions == survey.predictions else { throw changed }
    return CaptureConfig(
      codec: .topk(entries: survey.entries, temperature: 1),
      vocabularySize: settings.vocabularySize, sequenceLength: length,
      sequencesPerShard: settings.sequencesPerShard, seed: settings.seed,
      teacher: settings.teacher, tokenizerSHA256: tokenizer.fingerprint,
      dataFingerprint: digest.hexadecimal(), bosAdded: survey.bos, eosAdded: survey.eos,
      arithmetic: [
        "source": "imported log-probabilities",
        "rows": rows.hexadecimal,
      ])
  }

  /// The coding tables, a pure function of the first sequences.
  private func tables(
    _ capture: CaptureConfig, _ maker: SequenceMaker, records count: Int
  ) throws -> CodingTables {
    var (first, records) = ([CachedSequence](), 0)
    try forEachSequence(length: capture.sequenceLength) { scored, number in
      first.append(maker.sequence(scored, ordinal: number))
      records += scored.rows.count
      return records < CodingTables.calibrationRecords
    }
    return try CodingTables(calibrating: first, records: count, capture: capture)
  }
}

extension ScoredText.Row {
  /// Adds what the model said here to a digest.
  fileprivate func update(_ digest: inout Digest) {
    withUnsafeBytes(of: ids.count) { digest.append($0) }
    ids.withUnsafeBytes { digest.append($0) }
    logProbabilities.withUnsafeBytes { digest.append($0) }
    withUnsafeBytes(of: trueLogProbability) { digest.append($0) }
  }
}

/// Makes cached sequences of scored ones.
private struct SequenceMaker: Sendable {
  private let sampler: ImportedTargetSampler

  init(_ capture: CaptureConfig) throws(ShardError) {
    guard let entries = capture.codec.entries else {
      throw .invalidSetting(name: "codec", reason: "imported targets are top-k targets")
    }
    sampler = try ImportedTargetSampler(
      entries: entries, vocabularySize: capture.vocabularySize, seed: capture.seed)
  }

  func sequence(_ scored: ScoredSequence, ordinal: Int) -> CachedSequence {
    let (tokens, fragments) = (scored.sequence.tokens, scored.sequence.fragments)
    let identity = SequenceTokens.identity(ordinal: ordinal, tokens: tokens, fragments: fragments)
    var targets = sampler.noTargets
    for (position, row) in scored.rows.enumerated() {
      sampler.append(
        ids: row.ids, logProbabilities: row.logProbabilities,
        nextLogProbability: row.trueLogProbability, sequence: identity, position: position,
        to: &targets)
    }
    return CachedSequence(
      identity: identity, tokens: tokens, fragments: fragments, targets: .sparse(targets))
  }
}
