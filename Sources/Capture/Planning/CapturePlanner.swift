import Base
package import Shards
import Tensors
package import Text

/// Predicts a capture by making some of its frames.
public struct CapturePlanner {
  /// The point from which on no more sequences are looked at.
  public struct Limit: Sendable {
    /// The positions to look at beyond those that the tables are calibrated on.
    public var positions: Int
    /// The seconds after which no further sequences are begun; nil for a sample that depends on
    /// nothing but the data.
    public var seconds: Double?

    /// A limit from its parts.
    package init(positions: Int, seconds: Double? = nil) {
      self.positions = positions
      self.seconds = seconds
    }
  }

  /// The predictions of a dense frame: these differ little from text to text, and take long to
  /// make.
  private static let densePredictions = 128
  /// The predictions that the teacher's speed is first guessed from.
  private static let trialPredictions = 32
  /// The fewest sequences; they are cut where a limit of time allows fewer whole ones.
  private static let fewestSequences = 8

  let teacher: Teacher
  let sequences: [PackedSequence]
  let capture: CaptureConfig
  let kinds: [UInt8]?

  /// A planner for the capture of some sequences; `kinds` are those that it will be given.
  package init(
    teacher: Teacher, sequences: [PackedSequence], capture: CaptureConfig, kinds: [UInt8]? = nil
  ) {
    self.teacher = teacher
    self.sequences = sequences
    self.capture = capture
    self.kinds = kinds
  }

  /// The plan of the capture, and the sizes that it would have with other codecs.
  ///
  /// - Parameters:
  ///   - others: Codecs to compare with.
  ///   - limit: The limit on the data to look at.
  ///   - progress: Told the number of positions that have been looked at.
  /// - Returns: The plan, its own codec first among the sizes.
  /// - Throws: `ShardError`.
  package func plan(
    others: [CacheCodec] = [], limit: Limit, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> CapturePlan {
    let codecs = [capture.codec] + others.filter { $0 != capture.codec }
    var sample = try lookAtSparse(codecs.filter(\.isSparse), limit, progress)
    let peakBytes = ProcessMemory.peakBytes
    for codec in codecs where !codec.isSparse { try lookAtDense(codec, &sample) }
    let sizes = try codecs.compactMap { codec in
      try sample.codecs.first { $0.capture.codec == codec }?.size(of: sequences)
    }
    return try plan(
      sample, sizes,
      peakBytes: capture.codec.isSparse ? peakBytes : ProcessMemory.peakBytes)
  }

  private func plan(
    _ sample: PlanSample, _ sizes: [CapturePlan.Size], peakBytes: Int
  ) throws -> CapturePlan {
    guard let chosen = sample.codecs.first(where: { $0.capture.codec == capture.codec }) else {
      preconditionFailure("the capture's own codec was not looked at")
    }
    let threads = Double(Parallel.threadCount)
    let targets = chosen.seconds / Double(max(chosen.tokens, 1))
    let speed = threads / (sample.teacherSecondsPerToken + targets)
    let tokens = sequences.reduce(0) { $0 + $1.predictionCount }
    return CapturePlan(
      tokens: tokens, sequences: sequences.count, sampledTokens: chosen.tokens,
      cutTo: capture.codec.isSparse ? sample.cut : nil, sizes: sizes,
      tokensPerSecond: speed, seconds: Double(tokens) / speed,
      teacherTokensPerSecond: threads / sample.teacherSecondsPerToken,
      readTokensPerSecond: try chosen.readingSpeed(), peakBytes: peakBytes)
  }

  // MARK: - Looking

  private func lookAtSparse(
    _ codecs: [CacheCodec], _ limit: Limit, _ progress: (Int) -> Void
  ) throws -> PlanSample {
    var sample = PlanSample(codecs: codecs.map { CodecSample(capture.with($0)) })
    guard !codecs.isEmpty else { return sample }
    let order = SurveyOrder(sequences)
    let watch = Stopwatch(limit.seconds)
    sample.cut = try cut(limit.seconds)
    var calibration: [SurveyedSequence] = []
    for batch in batches(order.calibration) where calibration.isEmpty || !watch.isMostlyOver {
      calibration += try survey(batch, codecs, &sample)
      progress(sample.tokens)
    }
    try sample.begin(
      calibration, isAll: calibration.count == sequences.count,
      records: sequences.reduce(0) { $0 + $1.predictionCount },
      text: sequences.lazy.flatMap(\.tokens), kinds: kinds)
    calibration = []
    for batch in batches(first(order.others, positions: limit.positions)) where !watch.isOver {
      try sample.add(try survey(batch, codecs, &sample))
      progress(sample.tokens)
    }
    return sample
  }

  /// The entries stored at any threshold, in expectation, at positions spread evenly over the data.
  func expectedEntries(positions: Int, _ progress: (Int) -> Void) throws -> ExpectedEntries {
    let temperature = capture.codec.temperature
    var expected = ExpectedEntries(temperature: temperature)
    for batch in batches(first(SurveyOrder.evenly(sequences.count), positions: positions)) {
      let surveyed = try survey([], expectedAt: temperature)(
        batch.map { (ordinal: $0, sequence: sequences[$0]) })
      for one in surveyed.compactMap(\.expected) { expected.add(one) }
      progress(expected.count)
    }
    return expected
  }

  private func lookAtDense(_ codec: CacheCodec, _ sample: inout PlanSample) throws {
    var dense = CodecSample(capture.with(codec))
    try dense.begin([], tables: nil)
    for number in SurveyOrder.evenly(sequences.count).prefix(4) {
      let short = sequences[number].cut(toPredictions: Self.densePredictions)
      let surveyed = try survey([codec])([(ordinal: number, sequence: short)])
      for one in surveyed { sample.count(one, tokens: short.predictionCount) }
      try dense.add(surveyed.map { $0.targets(0) })
    }
    sample.codecs.append(dense)
  }

  /// The predictions of each sequence to look at, where a slow teacher would take too long over
  /// whole ones; nil otherwise.
  private func cut(_ seconds: Double?) throws -> Int? {
    guard let seconds, let first = sequences.first else { return nil }
    let short = first.cut(toPredictions: Self.trialPredictions)
    let trial = try survey([])([(ordinal: 0, sequence: short)])
    let perToken =
      trial.reduce(0) { $0 + $1.teacherSeconds } / Double(short.predictionCount)
    let affordable = seconds * Double(Parallel.threadCount) / perToken
    let count = max(Self.fewestSequences, batchCount)
    return affordable < Double(count * capture.sequenceLength)
      ? max(8, Int(affordable) / count) : nil
  }

  private func survey(
    _ numbers: [Int], _ codecs: [CacheCodec], _ sample: inout PlanSample
  ) throws -> [SurveyedSequence] {
    let batch = numbers.map { number in
      let whole = sequences[number]
      return (ordinal: number, sequence: sample.cut.map { whole.cut(toPredictions: $0) } ?? whole)
    }
    let surveyed = try survey(codecs)(batch)
    for (numbered, one) in zip(batch, surveyed) {
      sample.count(one, tokens: numbered.sequence.predictionCount)
    }
    return surveyed
  }

  private func survey(_ codecs: [CacheCodec], expectedAt: Double? = nil) -> SequenceSurvey {
    SequenceSurvey(
      runner: TeacherRunner(teacher: teacher, codec: capture.codec, seed: capture.seed),
      codecs: codecs, seed: capture.seed, draws: capture.draws, expectedAt: expectedAt)
  }

  /// The first of some sequences that together have so many positions, whatever the threads.
  private func first(_ numbers: [Int], positions: Int) -> [Int] {
    var seen = 0
    return Array(
      numbers.prefix { number in
        defer { seen += sequences[number].predictionCount }
        return seen < positions
      })
  }

  /// Enough sequences at once that no thread waits long for another, or that reading the teacher's
  /// file costs little.
  private var batchCount: Int {
    if case .streamed = teacher { teacher.sequencesPerBatch } else { 2 * Parallel.threadCount }
  }

  private func batches(_ numbers: [Int]) -> [[Int]] {
    stride(from: 0, to: numbers.count, by: batchCount).map {
      Array(numbers[$0..<min(numbers.count, $0 + batchCount)])
    }
  }
}

/// A clock that tells how much of a time limit is over.
private struct Stopwatch {
  private let began = ContinuousClock.now
  private let limit: Double?

  init(_ seconds: Double?) { limit = seconds }

  var isOver: Bool { seconds > limit ?? .infinity }
  var isMostlyOver: Bool { seconds > 0.75 * (limit ?? .infinity) }
  private var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }
}
