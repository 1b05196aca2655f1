import Base
import Models
import Shards
import Tensors
import Text

/// The yield of one pass of the teacher over a sequence for several codecs, and its cost.
struct SurveyedSequence: Sendable {
  /// The sequence with the targets of each codec.
  var captures: [CachedSequence]
  /// The expected entries at any threshold, where they were asked for.
  var expected: ExpectedEntries?
  /// The seconds of the teacher's pass, on one thread.
  var teacherSeconds: Double
  /// The seconds of making each codec's targets, on one thread.
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

/// Runs the teacher once over sequences and samples its logits with every codec in question.
struct SequenceSurvey {
  let runner: TeacherRunner
  let codecs: [CacheCodec]
  let seed: UInt64
  let draws: Int
  /// The temperature to tell expected entries at; nil for none.
  var expectedAt: Double?

  /// Surveys some sequences on all threads; their targets are those that a capture of each codec
  /// would store.
  func callAsFunction(_ sequences: [TeacherRunner.Numbered]) throws -> [SurveyedSequence] {
    for numbered in sequences { try runner.validate(numbered.sequence) }
    switch runner.teacher {
    case .resident(let decoder):
      return try Parallel.map(sequences.count) { try survey(sequences[$0], through: decoder) }
    case .streamed(let decoder): return try survey(sequences, through: decoder)
    }
  }

  private func survey(
    _ numbered: TeacherRunner.Numbered, through decoder: Decoder
  ) throws -> SurveyedSequence {
    var (makers, log) = (try makers(), try log(of: numbered))
    let began = ContinuousClock.now
    try runner.forEachRow(of: numbered.sequence, through: decoder) {
      try log.append($0, with: &makers)
    }
    return log.surveyed(teacher: ContinuousClock.now - began - log.ownTime)
  }

  /// All sequences together: the file of the weights is read once for them.
  private func survey(
    _ sequences: [TeacherRunner.Numbered], through decoder: StreamedDecoder
  ) throws -> [SurveyedSequence] {
    let began = ContinuousClock.now
    let hidden = try decoder(sequences.map { TokenBatch([$0.sequence]) })
    let logits = StreamedLogits(decoder, hidden)
    var makers = try (0..<logits.slotCount).map { _ in try self.makers() }
    var logs = try sequences.map { try log(of: $0) }
    try makers.withUnsafeMutableBufferPointer { makers in
      try logs.withUnsafeMutableBufferPointer { logs in
        try logits.forEachRow { try logs[$1].append($2, with: &makers[$0]) }
      }
    }
    let own = logs.reduce(Duration.zero) { $0 + $1.ownTime }
    let teacher = (ContinuousClock.now - began) * Parallel.threadCount - own
    return logs.map { $0.surveyed(teacher: teacher / logs.count) }
  }

  private func makers() throws -> [TargetMaker] {
    try codecs.map { codec in
      try TargetMaker(
        codec: codec, vocabulary: runner.teacher.config.vocabSize, seed: seed,
        draws: codec.isRandom ? draws : 1)
    }
  }

  private func log(of numbered: TeacherRunner.Numbered) throws -> SurveyLog {
    let sequence = numbered.sequence
    let text = SequenceTokens(sequence, ordinal: numbered.ordinal)
    return SurveyLog(
      text: text,
      rows: try makers().map { $0.noRows(sequence, identity: text.identity) },
      expected: expectedAt.map { ExpectedEntries(temperature: $0) },
      times: Array(repeating: .zero, count: codecs.count))
  }
}

/// The survey of a sequence so far.
private struct SurveyLog {
  let text: SequenceTokens
  var rows: [TargetRows]
  var expected: ExpectedEntries?
  /// The time of each codec.
  var times: [Duration]
  /// The time of everything but the teacher.
  var ownTime = Duration.zero

  mutating func append(
    _ logits: UnsafeBufferPointer<Float>, with makers: inout [TargetMaker]
  ) throws {
    let start = ContinuousClock.now
    var last = start
    for index in makers.indices {
      try makers[index].append(logits, to: &rows[index])
      let now = ContinuousClock.now
      times[index] += now - last
      last = now
    }
    try expected?.add(logits: logits)
    ownTime += ContinuousClock.now - start
  }

  func surveyed(teacher: Duration) -> SurveyedSequence {
    SurveyedSequence(
      captures: rows.map { CachedSequence(text: text, draws: $0.draws) }, expected: expected,
      teacherSeconds: teacher / .seconds(1), codecSeconds: times.map { $0 / .seconds(1) })
  }
}

/// The sequences that are looked at to predict a capture, in their order.
///
/// First those that the coding tables are calibrated on, as in the capture itself; then the others,
/// in an order of which every beginning is spread evenly over the data.
struct SurveyOrder {
  /// The numbers of the sequences that the tables are calibrated on.
  let calibration: [Int]
  /// The numbers of all other sequences.
  let others: [Int]

  /// The order for some sequences.
  init(_ sequences: [PackedSequence]) {
    calibration = CodingTables.calibrationSequences(recordCounts: sequences.map(\.predictionCount))
    let chosen = Set(calibration)
    let rest = sequences.indices.filter { !chosen.contains($0) }
    others = Self.evenly(rest.count).map { rest[$0] }
  }

  /// The numbers below a count in bit-reversed order: halves, quarters, eighths.
  static func evenly(_ count: Int) -> [Int] {
    guard count > 1 else { return Array(0..<max(count, 0)) }
    let bits = Int.bitWidth - (count - 1).leadingZeroBitCount
    return (0..<(1 << bits)).lazy.map { number in
      Int(UInt(number).bitReversed >> UInt(UInt.bitWidth - bits))
    }.filter { $0 < count }
  }
}

extension UInt {
  /// The bits from the other end.
  fileprivate var bitReversed: UInt {
    var (rest, result) = (self, UInt(0))
    for _ in 0..<UInt.bitWidth {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }
}

extension PackedSequence {
  /// The sequence cut after so many predictions.
  func cut(toPredictions limit: Int) -> PackedSequence {
    var (kept, room) = ([Int](), limit)
    for fragment in fragments where room > 0 {
      kept.append(min(fragment, room + 1))
      room -= kept[kept.count - 1] - 1
    }
    return PackedSequence(
      tokens: Array(tokens.prefix(kept.reduce(0, +))), fragments: kept,
      lossMask: lossMask.map { Array($0.prefix(limit)) })
  }
}
