import CKernels

extension CodecKind {
  /// Threshold sampling: sparse and unbiased (docs/design.md, "The targets").
  public static let threshold = CodecKind(
    rawValue: "threshold", remark: "sparse, unbiased",
    setting: CodecSetting(
      key: "threshold", symbol: "τ", range: ExpectedEntries.leastThreshold...1,
      usual: { CacheCodec.usualThreshold(temperature: $0) }, phrase: { "τ = \($0)" }),
    isRandom: true, hasSampledTail: true, exactAbove: { Float($0) },
    grid: { .linear(levels: max(64, Int((4 / $0).rounded(.up)))) },
    mostEntries: { threshold, _ in Int(1 / threshold) + 4 },
    rowBytes: { 64 + Int(min(Double($1), 2 / $0)) * 12 },
    sampler: { ThresholdSampler($0, vocabularySize: $1) })
}

extension CacheCodec {
  /// Threshold sampling: entries from τ up are kept, smaller ones sampled.
  public static func threshold(threshold: Double, temperature: Double) -> CacheCodec {
    CacheCodec(.threshold, setting: threshold, temperature: temperature)
  }

  /// τ, if there is one.
  public var threshold: Double? { number(of: .threshold) }

  /// The τ of a cache that names none: .04, from T = 1 up .04 / T, rounded down to three decimals
  /// and not below .02.
  ///
  /// With it the error is no larger than that of 50 random draws on any kind of text that was
  /// measured (BENCHMARKS.md). The flatter p, the more of it lies below τ, and softening flattens;
  /// at .02 = 1/50 it is no larger whatever p is: over p < τ, Σ p (τ − p) ≤ Σ p (1 − p) / 50.
  public static func usualThreshold(temperature: Double) -> Double {
    let wanted = 0.04 / max(1, temperature)
    // A millionth keeps .02 what it is in binary.
    return max(0.02, (wanted * 1000 + 1e-6).rounded(.down) / 1000)
  }
}

/// Turns rows of logits into sparse, unbiased targets whose numbers lie on the stored grids.
///
/// Every probability of at least the threshold τ, and the largest, is kept (rounded without bias);
/// every other p is kept as τ with probability p / τ (docs/design.md, "The targets").
struct ThresholdSampler: RowSampler {
  private let threshold: Double
  private let temperature: Float
  private let grid: ValueGrid
  private var kept: KeptEntries

  /// A sampler of a codec that has a threshold.
  init(_ codec: CacheCodec, vocabularySize: Int) {
    threshold = codec.threshold ?? 1
    temperature = Float(codec.temperature)
    grid = codec.grid
    kept = KeptEntries(vocabularySize: vocabularySize, threshold: threshold)
  }

  /// Adds a row; the draws of a place differ in the sampled entries alone.
  mutating func append(
    _ logits: UnsafeBufferPointer<Float>, nextToken: Int32, _ place: Place, draw: Int,
    to targets: inout SparseTargets
  ) throws(ShardError) {
    let result = kept.sample(
      logits, nextToken: nextToken, temperature: temperature, threshold: threshold,
      uniform: place.uniform(.sampling, draw))
    guard result.count >= 0 else { throw .invalidLogits(position: place.position) }
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
