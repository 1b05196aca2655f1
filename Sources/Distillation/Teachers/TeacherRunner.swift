public import Models
public import Shards
import Tensors
public import Text

/// Runs a teacher over sequences and turns its logits into targets.
///
/// A unit is one sequence on one thread, and its logits are made 128 rows at a time: the shapes of
/// all matrix products depend on the sequence alone, so that the targets have the same bits for any
/// number of threads, workers and restarts (DESIGN §5).
public struct TeacherRunner {
  private static let rowsPerProduct = 128

  /// The teacher, which is not trained.
  public let teacher: Decoder
  /// How its distributions are stored.
  public let codec: CacheCodec
  private let seed: UInt64
  private let drawCount: Int

  /// A runner that draws its samples, so many independent ones a position, under a seed.
  public init(teacher: Decoder, codec: CacheCodec, seed: UInt64, draws: Int = 1) {
    (self.teacher, self.codec, self.seed, drawCount) = (teacher, codec, seed, draws)
  }

  /// The sequence of this number in the capture with the teacher's targets.
  ///
  /// - Throws: `ShardError` where a logit is not a number or a token not the teacher's.
  public func capture(_ sequence: PackedSequence, ordinal: Int) throws(ShardError) -> CachedSequence
  {
    let identity = SequenceTokens.identity(
      ordinal: ordinal, tokens: sequence.tokens, fragments: sequence.fragments)
    let text = SequenceTokens(
      identity: identity, tokens: sequence.tokens, fragments: sequence.fragments,
      lossMask: sequence.lossMask)
    return CachedSequence(text: text, draws: try draws(sequence, identity: identity))
  }

  /// The teacher's targets for a sequence, the same as a cache of this seed would give.
  public func targets(_ sequence: PackedSequence, identity: UInt64) throws(ShardError) -> Targets {
    try draws(sequence, identity: identity)[0]
  }

  /// All the independent draws of the teacher's targets for a sequence.
  public func draws(
    _ sequence: PackedSequence, identity: UInt64
  ) throws(ShardError) -> [Targets] {
    try validate(sequence)
    let labels = sequence.labels
    let vocabulary = teacher.config.vocabSize
    if case .dense(let temperature) = codec {
      var targets = DenseTargets(vocabularySize: vocabulary)
      try forEachRow(of: sequence) { position, logits throws(ShardError) in
        try targets.append(
          logits: logits, nextToken: labels[position], temperature: temperature)
      }
      return [.dense(targets)]
    }
    var sampler = try TargetSampler(codec: codec, vocabularySize: vocabulary, seed: seed)
    var targets = (0..<drawCount).map { _ in sampler.noTargets }
    try forEachRow(of: sequence) { position, logits throws(ShardError) in
      for draw in targets.indices {
        try sampler.append(
          logits: logits, nextToken: labels[position], sequence: identity, position: position,
          draw: draw, to: &targets[draw])
      }
    }
    return targets.map { .sparse($0) }
  }

  /// Throws for a token that is not the teacher's: a tokenizer may have ids that its model does not.
  package func validate(_ sequence: PackedSequence) throws(ShardError) {
    let vocabulary = teacher.config.vocabSize
    guard let id = sequence.tokens.first(where: { $0 < 0 || $0 >= vocabulary }) else { return }
    throw .invalidSequence(
      reason: "token \(id) lies outside the teacher's vocabulary of \(vocabulary); "
        + "give the tokenizer that the teacher was trained with")
  }

  /// Runs the teacher over a sequence and gives each position's logits (V) to `body`, in order.
  package func forEachRow(
    of sequence: PackedSequence,
    _ body: (Int, UnsafeBufferPointer<Float>) throws(ShardError) -> Void
  ) throws(ShardError) {
    let hidden = teacher(TokenBatch([sequence]))
    let (D, V) = (hidden.columns, teacher.config.vocabSize)
    let logits = Storage(count: Self.rowsPerProduct * V)
    for first in stride(from: 0, to: hidden.rows, by: Self.rowsPerProduct) {
      let rows = min(Self.rowsPerProduct, hidden.rows - first)
      teacher.output.withValues { weight in
        hidden.withValues { hidden in
          guard let weight = weight.baseAddress, let hidden = hidden.baseAddress else { return }
          gemm(
            rows, V, D, Operand(hidden + first * D, stride: D),
            Operand(weight, stride: D, transposed: true), precision: teacher.precision,
            into: logits.base, stride: V)
        }
      }
      for row in 0..<rows {
        try body(first + row, UnsafeBufferPointer(start: logits.base + row * V, count: V))
      }
    }
  }
}
