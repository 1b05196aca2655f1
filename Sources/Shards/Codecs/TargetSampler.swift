/// A codec's own way from a row of logits to the entries of a row of sparse targets.
protocol RowSampler: Sendable {
  /// Adds the targets of a row of logits (V) at a place, in one of the independent draws.
  ///
  /// - Throws: `invalidLogits` if the row holds NaN or +infinity.
  mutating func append(
    _ logits: UnsafeBufferPointer<Float>, nextToken: Int32, _ place: Place, draw: Int,
    to targets: inout SparseTargets
  ) throws(ShardError)
}

/// Turns rows of logits into the sparse targets of any codec.
///
/// A cache gives back what comes out here, bit for bit, so a live teacher can be sampled with the
/// same randomness. Each worker needs a sampler of its own: it holds the buffers of a row.
package struct TargetSampler: Sendable {
  private let isTruncated: Bool
  private let vocabularySize: Int
  private let random: AddressedRandom
  private var rows: any RowSampler

  /// A sampler; throws `invalidSetting` for parameters out of range and for the dense codec.
  package init(codec: CacheCodec, vocabularySize: Int, seed: UInt64) throws(ShardError) {
    try codec.validate()
    try ShardError.check(vocabularySize: vocabularySize)
    guard let sampler = codec.kind.sampler else {
      throw .invalidSetting(name: "codec", reason: "\(codec.name) targets are not sampled")
    }
    rows = sampler(codec, vocabularySize)
    isTruncated = codec.kind.isTruncated
    self.vocabularySize = vocabularySize
    random = AddressedRandom(seed: seed)
  }

  /// Targets without rows, of the sampler's kind.
  package var noTargets: SparseTargets { SparseTargets(isTruncated: isTruncated) }

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
  package mutating func append(
    logits: UnsafeBufferPointer<Float>, nextToken: Int32, sequence: UInt64, position: Int,
    draw: Int = 0, to targets: inout SparseTargets
  ) throws(ShardError) {
    precondition(logits.count == vocabularySize, "a row of logits is as long as the vocabulary")
    precondition(nextToken >= 0 && nextToken < vocabularySize, "the next token is no id")
    let place = Place(random: random, sequence: sequence, position: position)
    try rows.append(logits, nextToken: nextToken, place, draw: draw, to: &targets)
  }
}
