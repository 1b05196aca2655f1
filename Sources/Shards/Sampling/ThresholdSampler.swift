import CKernels

/// Turns rows of logits into sparse, unbiased targets whose numbers lie on the stored grids.
///
/// Every probability of at least the threshold τ, and the largest, is kept (rounded without bias);
/// every other p is kept as τ with probability p / τ (docs/design.md, "The targets").
/// What comes out is what a cache gives back, bit for bit, so a live teacher can be sampled with
/// the same randomness. Each worker needs a sampler of its own: it holds the buffers of a row.
public struct ThresholdSampler: Sendable {
  /// τ, the smallest probability that is kept for certain.
  public let threshold: Double
  /// T: the targets estimate softmax(logits / T).
  public let temperature: Double
  /// V, the number of token ids.
  public let vocabularySize: Int
  private let random: AddressedRandom
  private let grid: ValueGrid
  private var kept: KeptEntries

  /// A sampler; throws `invalidSetting` for a threshold, temperature or vocabulary out of range.
  public init(
    threshold: Double, temperature: Double = 1, vocabularySize: Int, seed: UInt64
  ) throws(ShardError) {
    try CacheCodec.threshold(threshold: threshold, temperature: temperature).validate()
    try CaptureConfig.validate(vocabularySize: vocabularySize)
    self.threshold = threshold
    self.temperature = temperature
    self.vocabularySize = vocabularySize
    random = AddressedRandom(seed: seed)
    grid = ValueGrid(.threshold(threshold: threshold, temperature: temperature))
    kept = KeptEntries(vocabularySize: vocabularySize, threshold: threshold)
  }

  /// Samples a row of logits (V) and adds it to the targets.
  ///
  /// - Parameters:
  ///   - logits: the teacher's logits at this position (V).
  ///   - nextToken: the token that truly follows.
  ///   - sequence: the sequence's identity.
  ///   - position: the record within the sequence.
  ///   - draw: which of the independent draws; they differ in the sampled entries alone.
  ///   - targets: where the row goes.
  /// - Throws: `invalidLogits` if the row holds NaN or +infinity.
  public mutating func append(
    logits: UnsafeBufferPointer<Float>, nextToken: Int32, sequence: UInt64, position: Int,
    draw: Int = 0, to targets: inout SparseTargets
  ) throws(ShardError) {
    precondition(logits.count == vocabularySize, "a row of logits is as long as the vocabulary")
    precondition(nextToken >= 0 && nextToken < vocabularySize, "the next token is no id")
    let place = Place(random: random, sequence: sequence, position: position)
    let result = kept.sample(
      logits, nextToken: nextToken, temperature: Float(temperature), threshold: threshold,
      uniform: place.uniform(.sampling, draw))
    guard result.count >= 0 else { throw .invalidLogits(position: position) }
    targets.append(
      (0..<Int(result.count)).map { (kept.ids[$0], value(at: $0, place)) },
      argmax: result.argmax, entropy: result.entropy,
      nextLogProbability: result.next_log_probability, place)
  }

  private func value(at entry: Int, _ place: Place) -> Float {
    guard kept.head[entry] == 1 else { return kept.values[entry] }
    let uniform = place.uniform(.valueRounding, Int(kept.ids[entry]))
    return grid.value(grid.level(of: Double(kept.values[entry]), uniform: uniform))
  }

}

extension SparseTargets {
  /// Adds a row with its entropy and the next token's log-probability rounded onto their grids;
  /// an entry that was rounded to 0 is none.
  mutating func append(
    _ entries: some Sequence<(Int32, Float)>, argmax: Int32, entropy: Double,
    nextLogProbability: Double, _ place: Place
  ) {
    let kept = entries.filter { $0.1 > 0 }
    let entropy = RoundingGrids.code(
      ofEntropy: entropy, uniform: place.uniform(.entropyRounding))
    let next = RoundingGrids.code(
      ofLogProbability: nextLogProbability, uniform: place.uniform(.nextTokenRounding))
    append(
      ids: kept.map(\.0), values: kept.map(\.1), argmax: argmax,
      nextLogProbability: RoundingGrids.logProbability(next),
      entropy: RoundingGrids.entropy(entropy))
  }
}

/// The address of one position's random numbers.
struct Place {
  let random: AddressedRandom
  let sequence: UInt64
  let position: Int

  func uniform(_ purpose: AddressedRandom.Purpose, _ index: Int = 0) -> Double {
    random.uniform(sequence: sequence, position: position, purpose: purpose, index: index)
  }
}
