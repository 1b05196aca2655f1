/// Turns rows of logits into the sparse targets of any codec.
///
/// Each worker needs a sampler of its own: it holds the buffers of a row.
public struct TargetSampler: Sendable {
  private let isTruncated: Bool
  // One of them is there. Not cases of an enumeration: changing those in place copies the buffers.
  private var threshold: ThresholdSampler?
  private var topK: TopKSampler?
  private var monteCarlo: MonteCarloSampler?

  /// A sampler; throws `invalidSetting` for parameters out of range and for the dense codec.
  public init(codec: CacheCodec, vocabularySize: Int, seed: UInt64) throws(ShardError) {
    try codec.validate()
    try CaptureConfig.validate(vocabularySize: vocabularySize)
    isTruncated = if case .topk = codec { true } else { false }
    switch codec {
    case .threshold(let threshold, let temperature):
      self.threshold = try ThresholdSampler(
        threshold: threshold, temperature: temperature, vocabularySize: vocabularySize, seed: seed)
    case .topk(let entries, let temperature):
      topK = TopKSampler(
        entries: entries, temperature: temperature, vocabularySize: vocabularySize, seed: seed)
    case .sample(let samples, let temperature):
      monteCarlo = MonteCarloSampler(
        samples: samples, temperature: temperature, vocabularySize: vocabularySize, seed: seed)
    case .dense:
      throw .invalidSetting(name: "codec", reason: "dense targets are not sampled")
    }
  }

  /// Targets without rows, of the sampler's kind.
  public var noTargets: SparseTargets { SparseTargets(isTruncated: isTruncated) }

  /// Adds the targets of one row of logits.
  ///
  /// - Parameters:
  ///   - logits: the teacher's logits at this position (V).
  ///   - nextToken: the token that truly follows.
  ///   - sequence: the sequence's identity.
  ///   - position: the record within the sequence.
  ///   - draw: which of the independent draws.
  ///   - targets: where the row goes.
  /// - Throws: `invalidLogits` if the row holds NaN or +infinity.
  public mutating func append(
    logits: UnsafeBufferPointer<Float>, nextToken: Int32, sequence: UInt64, position: Int,
    draw: Int = 0, to targets: inout SparseTargets
  ) throws(ShardError) {
    try threshold?.append(
      logits: logits, nextToken: nextToken, sequence: sequence, position: position, draw: draw,
      to: &targets)
    try topK?.append(
      logits: logits, nextToken: nextToken, sequence: sequence, position: position, to: &targets)
    try monteCarlo?.append(
      logits: logits, nextToken: nextToken, sequence: sequence, position: position, draw: draw,
      to: &targets)
  }
}
