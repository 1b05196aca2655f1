public import Shards

/// A codec of ours: samples rows as a capture does, and hands on what a cache would store.
public final class CodecEstimator: TargetEstimator {
  /// The codec.
  public let codec: CacheCodec
  /// The codec's temperature.
  public var temperature: Double { codec.temperature }
  /// Top-k targets are read with and without their bucket, others as they are.
  public let readings: [TargetReading]
  private var sampler: TargetSampler
  private var text = SequenceTokens(identity: 0, tokens: [], fragments: [])
  private var targets: SparseTargets
  private let finished: (CachedSequence) throws -> Void

  /// An estimator; `finished` gets every sequence with its targets.
  ///
  /// - Throws: `ShardError` for settings out of range, and for the dense codec.
  public init(
    _ codec: CacheCodec, vocabularySize: Int, seed: UInt64,
    finished: @escaping (CachedSequence) throws -> Void
  ) throws {
    self.codec = codec
    sampler = try TargetSampler(codec: codec, vocabularySize: vocabularySize, seed: seed)
    targets = sampler.noTargets
    readings = targets.isTruncated ? [.bucket, .renormalized] : [.stored]
    self.finished = finished
  }

  /// Begins a sequence, by whose identity its random numbers are addressed.
  public func begin(_ text: SequenceTokens) {
    self.text = text
    targets = sampler.noTargets
  }

  /// Samples the row.
  public func estimates(_ row: ReferenceRow) throws -> [TargetEstimate] {
    try sampler.append(
      logits: row.logits, nextToken: row.nextToken, sequence: text.identity,
      position: row.position, to: &targets)
    let estimate = TargetEstimate(targets, row: targets.count - 1)
    return readings.map { estimate.read($0) }
  }

  /// Hands the sequence on.
  public func end() throws {
    try finished(CachedSequence(text: text, targets: .sparse(targets)))
  }
}

extension TargetEstimate {
  /// A row of stored targets.
  init(_ targets: SparseTargets, row: Int) {
    let entries = targets.entries(of: row)
    self.init(
      ids: Array(targets.ids[entries]), values: Array(targets.values[entries]),
      argmax: targets.argmax[row],
      entropy: targets.isTruncated ? nil : Double(targets.entropy[row]))
  }

  /// The entries as a reading takes them.
  func read(_ reading: TargetReading) -> TargetEstimate {
    var estimate = self
    switch reading {
    case .stored, .softened: break
    case .renormalized: estimate = renormalized()
    case .bucket: estimate.rest = .asStudent(mass: max(0, 1 - mass))
    case .even: estimate.rest = .even(mass: max(0, 1 - mass))
    }
    return estimate
  }
}
