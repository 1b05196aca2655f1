import CKernels

/// The teacher's whole distributions as float16 log-probabilities, one row a position.
public struct DenseTargets: Sendable, Equatable {
  /// V, the number of token ids.
  public let vocabularySize: Int
  /// The log-probabilities in nats at the capture's temperature, row after row (n × V).
  public private(set) var logProbabilities: [Float16]
  /// The teacher's most probable token at each position (n).
  public private(set) var argmax: [Int32]
  /// The log-probability of the token that truly follows, in nats at temperature 1 (n).
  public private(set) var nextLogProbability: [Float]
  /// The entropy of the distribution at the capture's temperature, in nats (n).
  public private(set) var entropy: [Float]

  /// No rows yet, of a vocabulary.
  package init(vocabularySize: Int) {
    self.vocabularySize = vocabularySize
    logProbabilities = []
    argmax = []
    nextLogProbability = []
    entropy = []
  }

  /// Rows as they were stored.
  init(
    vocabularySize: Int, logProbabilities: [Float16], argmax: [Int32],
    nextLogProbability: [Float], entropy: [Float]
  ) {
    self.vocabularySize = vocabularySize
    self.logProbabilities = logProbabilities
    self.argmax = argmax
    self.nextLogProbability = nextLogProbability
    self.entropy = entropy
  }

  /// The number of rows.
  public var count: Int { argmax.count }

  /// Adds the distribution of one row of logits.
  ///
  /// - Throws: `invalidLogits` if the row holds NaN or +infinity.
  public mutating func append(
    logits: UnsafeBufferPointer<Float>, nextToken: Int32, temperature: Double
  ) throws(ShardError) {
    precondition(logits.count == vocabularySize, "a row of logits is as long as the vocabulary")
    precondition(nextToken >= 0 && nextToken < vocabularySize, "the next token is no id")
    let row = try LogitsRow(logits, nextToken: nextToken, temperature: temperature, at: count)
    logProbabilities.append(
      contentsOf: [Float16](unsafeUninitializedCapacity: vocabularySize) { buffer, filled in
        ck_log_probabilities_half(
          logits.baseAddress, vocabularySize, Float(temperature), row.peak, row.logSum,
          buffer.baseAddress)
        filled = vocabularySize
      })
    argmax.append(row.argmax)
    nextLogProbability.append(Float(row.nextLogProbability))
    entropy.append(Float(row.entropy))
  }

  /// The distribution at a position, renormalised so that it sums to 1 (V).
  ///
  /// Rounding to float16 changes the sum by up to a percent; a row without any probability, which
  /// only a foreign writer can make, comes out as NaN.
  public func probabilities(at row: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: vocabularySize) { buffer, filled in
      logProbabilities.withUnsafeBufferPointer { stored in
        _ = ck_probabilities_from_half(
          stored.baseAddress?.advanced(by: row * vocabularySize), vocabularySize,
          buffer.baseAddress)
      }
      filled = vocabularySize
    }
  }
}
