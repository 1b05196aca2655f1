import CKernels

/// The teacher's distributions at the positions of a sequence, as a cache stores them.
public enum Targets: Sendable, Equatable {
  /// Sparse, unbiased estimates.
  case sparse(SparseTargets)
  /// Whole distributions.
  case dense(DenseTargets)

  /// The number of positions.
  public var count: Int {
    switch self {
    case .sparse(let targets): targets.count
    case .dense(let targets): targets.count
    }
  }
}

/// Sparse estimates of the teacher's distributions, one row a position, rows laid end to end.
public struct SparseTargets: Sendable, Equatable {
  /// The place in `ids` and `values` at which each row begins, and at the end their count (n + 1).
  public private(set) var offsets: [Int32]
  /// The token ids of the kept entries, ascending within a row.
  public private(set) var ids: [Int32]
  /// The estimate of each kept entry's probability.
  public private(set) var values: [Float]
  /// The teacher's most probable token, exact, at each position (n).
  public private(set) var argmax: [Int32]
  /// The log-probability of the token that truly follows, in nats at temperature 1 (n).
  public private(set) var nextLogProbability: [Float]
  /// The entropy of the teacher's distribution at the capture's temperature, in nats (n).
  public private(set) var entropy: [Float]

  /// Whether nothing is known about the entries that are not stored but their mass together
  /// (top-k), where otherwise the rows are unbiased estimates.
  public let isTruncated: Bool

  /// No rows yet.
  public init(isTruncated: Bool = false) {
    self.isTruncated = isTruncated
    offsets = [0]
    ids = []
    values = []
    argmax = []
    nextLogProbability = []
    entropy = []
  }

  /// Rows as they were stored, whose ids ascend.
  init(
    isTruncated: Bool, offsets: [Int32], ids: [Int32], values: [Float], argmax: [Int32],
    nextLogProbability: [Float], entropy: [Float]
  ) {
    self.isTruncated = isTruncated
    self.offsets = offsets
    self.ids = ids
    self.values = values
    self.argmax = argmax
    self.nextLogProbability = nextLogProbability
    self.entropy = entropy
  }

  /// The number of rows.
  public var count: Int { argmax.count }

  /// The range of the entries of a row in `ids` and `values`.
  public func entries(of row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

  /// The entries of one row.
  package func row(_ index: Int) -> (ids: ArraySlice<Int32>, values: ArraySlice<Float>) {
    let entries = entries(of: index)
    return (ids[entries], values[entries])
  }

  /// Adds a row; its ids must ascend.
  public mutating func append(
    ids rowIDs: some Collection<Int32>, values rowValues: some Collection<Float>, argmax: Int32,
    nextLogProbability: Float, entropy: Float
  ) {
    precondition(rowIDs.count == rowValues.count, "an entry is an id and a value")
    ids.append(contentsOf: rowIDs)
    values.append(contentsOf: rowValues)
    offsets.append(Int32(ids.count))
    self.argmax.append(argmax)
    self.nextLogProbability.append(nextLogProbability)
    self.entropy.append(entropy)
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
