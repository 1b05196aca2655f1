import CKernels

/// One row of logits as a whole: its normaliser, entropy and most probable token.
struct LogitsRow {
  /// The largest logit.
  let peak: Float
  /// The log of Σ exp((logit − peak) / T), kept apart from the peak, beside which it might be lost.
  let logSum: Double
  /// Entropy in nats at the temperature.
  let entropy: Double
  /// The log-probability of the next token at temperature 1.
  let nextLogProbability: Double
  /// The lowest of the most probable ids.
  let argmax: Int32
  private let temperature: Double

  /// Measures a row; throws `invalidLogits(position)` where it is no distribution.
  init(
    _ logits: UnsafeBufferPointer<Float>, nextToken: Int32, temperature: Double, at position: Int
  ) throws(ShardError) {
    var kept = KeptEntries(vocabularySize: logits.count, threshold: 1)
    let result = kept.sample(
      logits, nextToken: nextToken, temperature: Float(temperature), threshold: 1, uniform: 0)
    guard result.count >= 0 else { throw .invalidLogits(position: position) }
    peak = logits[Int(result.argmax)]
    logSum = result.log_sum
    self.temperature = temperature
    entropy = result.entropy
    nextLogProbability = result.next_log_probability
    argmax = result.argmax
  }

  /// The log-probability of a logit of the row at the temperature.
  func logProbability(_ logit: Float) -> Double {
    (Double(logit) - Double(peak)) / temperature - logSum
  }
}

/// The buffers that the sampling kernel fills, kept between rows.
struct KeptEntries: Sendable {
  /// The kept ids, ascending; only the first `count` of the last result count.
  private(set) var ids: [Int32]
  /// The probability of a certain entry, or the threshold.
  private(set) var values: [Float]
  /// 1 where the entry was certain, 0 where it was sampled.
  private(set) var head: [UInt8]
  private var scratch: [Float]

  /// Buffers for rows of V logits, of which entries from a threshold up are kept.
  init(vocabularySize: Int, threshold: Double) {
    let capacity = ck_threshold_capacity(threshold)
    ids = Array(repeating: 0, count: capacity)
    values = Array(repeating: 0, count: capacity)
    head = Array(repeating: 0, count: capacity)
    scratch = Array(repeating: 0, count: ck_threshold_scratch(vocabularySize))
  }

  /// Samples a row of logits into the buffers.
  mutating func sample(
    _ logits: UnsafeBufferPointer<Float>, nextToken: Int32, temperature: Float, threshold: Double,
    uniform: Double
  ) -> ck_threshold_result {
    var result = ck_threshold_result()
    ck_threshold_sample(
      logits.baseAddress, logits.count, temperature, threshold, uniform, nextToken, &scratch,
      &ids, &values, &head, &result)
    return result
  }
}
