package import Shards
package import Text

/// The targets of a sequence, as far as its logits have been seen.
package struct TargetRows {
  fileprivate let identity: UInt64
  fileprivate let labels: [Int32]
  fileprivate var position = 0
  fileprivate var sparse: [SparseTargets] = []
  fileprivate var dense: DenseTargets?

  /// All draws of the targets.
  package var draws: [Targets] { dense.map { [.dense($0)] } ?? sparse.map { .sparse($0) } }
}

/// Turns rows of logits into targets; a thread has one of its own, for it holds a row's buffers.
package struct TargetMaker {
  private let codec: CacheCodec
  private let vocabulary: Int
  private let drawCount: Int
  private var sampler: TargetSampler?

  /// A maker of targets of a codec, so many independent draws a position, under a seed.
  package init(codec: CacheCodec, vocabulary: Int, seed: UInt64, draws: Int) throws(ShardError) {
    self.codec = codec
    self.vocabulary = vocabulary
    drawCount = draws
    guard codec.isSparse else { return }
    sampler = try TargetSampler(codec: codec, vocabularySize: vocabulary, seed: seed)
  }

  /// The targets of a sequence before its first logits.
  package func noRows(_ sequence: PackedSequence, identity: UInt64) -> TargetRows {
    var rows = TargetRows(identity: identity, labels: sequence.labels)
    if let sampler {
      rows.sparse = (0..<drawCount).map { _ in sampler.noTargets }
    } else {
      rows.dense = DenseTargets(vocabularySize: vocabulary)
    }
    return rows
  }

  /// Adds the targets of the next prediction.
  package mutating func append(
    _ logits: UnsafeBufferPointer<Float>, to rows: inout TargetRows
  ) throws(ShardError) {
    let (label, position) = (rows.labels[rows.position], rows.position)
    rows.position += 1
    if !codec.isSparse {
      try rows.dense?.append(logits: logits, nextToken: label, temperature: codec.temperature)
      return
    }
    for draw in rows.sparse.indices {
      try sampler?.append(
        logits: logits, nextToken: label, sequence: rows.identity, position: position, draw: draw,
        to: &rows.sparse[draw])
    }
  }
}
