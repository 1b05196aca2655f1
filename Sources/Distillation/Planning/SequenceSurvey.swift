import Models
import Shards
import Tensors
import Text

/// What one pass of the teacher over a sequence gives for several codecs, and what it took.
struct SurveyedSequence: Sendable {
  /// The sequence with the targets of each codec.
  var captures: [CachedSequence]
  /// The expected entries at any threshold, where they were asked for.
  var expected: ExpectedEntries?
  /// The seconds of the teacher's pass.
  var teacherSeconds: Double
  /// The seconds of making each codec's targets.
  var codecSeconds: [Double]

  /// The targets of one codec.
  func targets(_ codec: Int) -> TimedCapture {
    TimedCapture(sequence: captures[codec], seconds: codecSeconds[codec])
  }
}

/// A sequence with the targets of one codec, and the seconds of making them.
struct TimedCapture: Sendable {
  var sequence: CachedSequence
  var seconds: Double
}

/// Runs the teacher once a sequence and samples its logits with every codec in question.
struct SequenceSurvey {
  let runner: TeacherRunner
  let codecs: [CacheCodec]
  let seed: UInt64
  let draws: Int
  /// The temperature to tell expected entries at; nil for none.
  var expectedAt: Double? = nil

  /// Surveys one sequence; everything is what a capture of each codec would make of it.
  func callAsFunction(
    _ sequence: PackedSequence, ordinal: Int
  ) throws -> SurveyedSequence {
    try runner.validate(sequence)
    let text = SequenceTokens(
      identity: SequenceTokens.identity(
        ordinal: ordinal, tokens: sequence.tokens, fragments: sequence.fragments),
      tokens: sequence.tokens, fragments: sequence.fragments, lossMask: sequence.lossMask)
    var collectors: [TargetsCollector] = []
    for codec in codecs {
      collectors.append(
        try TargetsCollector(
          codec, vocabularySize: runner.teacher.config.vocabSize, seed: seed, draws: draws))
    }
    var expected = expectedAt.map { ExpectedEntries(temperature: $0) }
    let labels = sequence.labels
    let (clock, began) = (ContinuousClock(), ContinuousClock.now)
    var bodyTime = Duration.zero
    var times = [Duration](repeating: .zero, count: codecs.count)
    try runner.forEachRow(of: sequence) { position, logits in
      let start = clock.now
      var last = start
      for index in collectors.indices {
        try collectors[index].append(logits, labels[position], text.identity, position)
        let now = clock.now
        times[index] += now - last
        last = now
      }
      try expected?.add(logits: logits)
      bodyTime += clock.now - start
    }
    return SurveyedSequence(
      captures: collectors.map { CachedSequence(text: text, draws: $0.targets) },
      expected: expected, teacherSeconds: (clock.now - began - bodyTime) / .seconds(1),
      codecSeconds: times.map { $0 / .seconds(1) })
  }
}

/// The targets of one codec in the making.
private struct TargetsCollector {
  private var sampler: TargetSampler?
  private var sparse: [SparseTargets] = []
  private var dense: DenseTargets?
  private let temperature: Double

  init(
    _ codec: CacheCodec, vocabularySize: Int, seed: UInt64, draws: Int
  ) throws(ShardError) {
    temperature = codec.temperature
    guard codec.isSparse else {
      dense = DenseTargets(vocabularySize: vocabularySize)
      return
    }
    let sampler = try TargetSampler(codec: codec, vocabularySize: vocabularySize, seed: seed)
    sparse = (0..<(codec.isRandom ? draws : 1)).map { _ in sampler.noTargets }
    self.sampler = sampler
  }

  var targets: [Targets] { dense.map { [.dense($0)] } ?? sparse.map { .sparse($0) } }

  mutating func append(
    _ logits: UnsafeBufferPointer<Float>, _ nextToken: Int32, _ identity: UInt64, _ position: Int
  ) throws(ShardError) {
    try dense?.append(logits: logits, nextToken: nextToken, temperature: temperature)
    for draw in sparse.indices {
      try sampler?.append(
        logits: logits, nextToken: nextToken, sequence: identity, position: position, draw: draw,
        to: &sparse[draw])
    }
  }
}
