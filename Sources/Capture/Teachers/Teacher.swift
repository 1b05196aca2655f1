import Base
public import Models
package import Shards
import Tensors
package import Text

/// A teacher, with its weights in memory or in their file.
///
/// Both compute the same bits; see ``TeacherRunner``.
public enum Teacher {
  /// All weights are in memory, as float32.
  case resident(Decoder)
  /// The weights of one layer at a time are.
  case streamed(StreamedDecoder)

  /// The teacher's shape.
  public var config: DecoderConfig {
    switch self {
    case .resident(let decoder): decoder.config
    case .streamed(let decoder): decoder.config
    }
  }

  /// The number of sequences that it should be given at once.
  ///
  /// With all weights in memory, enough that every thread has several and an interruption is soon
  /// noticed. When they are read anew for every batch, enough that reading costs little beside
  /// computing.
  package var sequencesPerBatch: Int {
    let several = 4 * Parallel.threadCount
    return if case .streamed = self { max(64, several) } else { several }
  }
}

/// Runs a teacher over sequences and turns its logits into targets.
///
/// A unit is one sequence on one thread, and its logits are made 128 rows at a time. The targets have
/// the same bits for any number of threads, workers and restarts, and for weights in memory or in a
/// file (docs/design.md, "Determinism").
package struct TeacherRunner {
  /// A sequence and its number in the capture.
  package typealias Numbered = (ordinal: Int, sequence: PackedSequence)

  /// The teacher, which is not trained.
  package let teacher: Teacher
  /// The codec that its distributions are stored with.
  package let codec: CacheCodec
  private let seed: UInt64
  private let drawCount: Int

  /// A runner that draws its samples, so many independent ones a position, under a seed.
  package init(teacher: Teacher, codec: CacheCodec, seed: UInt64, draws: Int = 1) {
    self.teacher = teacher
    self.codec = codec
    self.seed = seed
    drawCount = draws
  }

  /// A runner of a teacher in memory.
  package init(teacher: Decoder, codec: CacheCodec, seed: UInt64, draws: Int = 1) {
    self.init(teacher: .resident(teacher), codec: codec, seed: seed, draws: draws)
  }

  /// Maps some sequences with the teacher's targets by `body`, in their order, on all threads.
  ///
  /// - Throws: `ShardError` where a logit is not a number or a token not the teacher's,
  ///   `CheckpointError` where a streamed teacher's file cannot be read.
  package func capture<Value>(
    _ sequences: [Numbered], _ body: (CachedSequence) throws -> Value
  ) throws -> [Value] {
    guard case .streamed(let decoder) = teacher else {
      return try Parallel.map(sequences.count) {
        try body(capture(sequences[$0].sequence, ordinal: sequences[$0].ordinal))
      }
    }
    var values: [Value] = []
    for first in stride(from: 0, to: sequences.count, by: teacher.sequencesPerBatch) {
      let batch = sequences[first...].prefix(teacher.sequencesPerBatch)
      let texts = batch.map { SequenceTokens($0.sequence, ordinal: $0.ordinal) }
      let rows = try stream(
        zip(batch, texts).map { ($0.sequence, $1.identity) }, through: decoder)
      values += try Parallel.map(texts.count) {
        try body(CachedSequence(text: texts[$0], draws: rows[$0].draws))
      }
    }
    return values
  }

  /// The sequence of this number in the capture with the teacher's targets.
  ///
  /// - Throws: as ``capture(_:_:)``.
  package func capture(_ sequence: PackedSequence, ordinal: Int) throws -> CachedSequence {
    let text = SequenceTokens(sequence, ordinal: ordinal)
    return CachedSequence(text: text, draws: try draws(sequence, identity: text.identity))
  }

  /// The teacher's targets for a sequence, the same as a cache of this seed would give.
  package func targets(_ sequence: PackedSequence, identity: UInt64) throws -> Targets {
    try draws(sequence, identity: identity)[0]
  }

  /// All the independent draws of the teacher's targets for a sequence.
  package func draws(_ sequence: PackedSequence, identity: UInt64) throws -> [Targets] {
    switch teacher {
    case .resident(let decoder):
      try validate(sequence)
      var maker = try maker()
      var targets = maker.noRows(sequence, identity: identity)
      try forEachRow(of: sequence, through: decoder) { try maker.append($0, to: &targets) }
      return targets.draws
    case .streamed(let decoder):
      return try stream([(sequence, identity)], through: decoder)[0].draws
    }
  }

  /// Throws for a token that is not the teacher's: a tokenizer may have ids that its model does
  /// not.
  package func validate(_ sequence: PackedSequence) throws(ShardError) {
    let vocabulary = teacher.config.vocabSize
    guard let id = sequence.tokens.first(where: { $0 < 0 || $0 >= vocabulary }) else { return }
    throw .invalidSequence(
      reason: "token \(id) lies outside the teacher's vocabulary of \(vocabulary); "
        + "give the tokenizer that the teacher was trained with")
  }

  private func maker() throws(ShardError) -> TargetMaker {
    try TargetMaker(
      codec: codec, vocabulary: teacher.config.vocabSize, seed: seed, draws: drawCount)
  }
}

extension TeacherRunner {
  /// Runs a teacher that is in memory over a sequence; `body` gets each position's logits (V), in
  /// order.
  func forEachRow(
    of sequence: PackedSequence, through decoder: Decoder,
    _ body: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    try decoder.forEachLogits(of: decoder(TokenBatch([sequence])), body)
  }

  /// All sequences at once through a teacher that reads its weights on the way.
  private func stream(
    _ addressed: [(sequence: PackedSequence, identity: UInt64)], through decoder: StreamedDecoder
  ) throws -> [TargetRows] {
    for (sequence, _) in addressed { try validate(sequence) }
    let hidden = try decoder(addressed.map { TokenBatch([$0.sequence]) })
    // The layers' buffers have other sizes than the logits': together they would be twice as much.
    Pool.trim()
    defer { Pool.trim() }
    let logits = StreamedLogits(decoder, hidden)
    var makers = Array(repeating: try maker(), count: logits.slotCount)
    var targets = addressed.map { makers[0].noRows($0.sequence, identity: $0.identity) }
    try makers.withUnsafeMutableBufferPointer { makers in
      try targets.withUnsafeMutableBufferPointer { targets in
        try logits.forEachRow { try makers[$0].append($2, to: &targets[$1]) }
      }
    }
    return targets
  }
}
