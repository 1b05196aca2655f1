import Shards
import Text

/// Everything that a plan has looked at: frames by codec, and the teacher's time for them.
struct PlanSample {
  /// The frames of each codec.
  var codecs: [CodecSample]
  /// The number of predictions of each sequence that were looked at; nil for all.
  var cut: Int?
  /// The positions that the teacher has run over.
  private(set) var tokens = 0
  private var teacherSeconds = 0.0
  init(codecs: [CodecSample]) { self.codecs = codecs }

  /// The seconds of a thread in the teacher's forward pass, a position.
  var teacherSecondsPerToken: Double { teacherSeconds / Double(max(tokens, 1)) }

  /// Adds the time of the teacher's pass over a sequence of so many positions.
  mutating func count(_ surveyed: SurveyedSequence, tokens count: Int) {
    tokens += count
    teacherSeconds += surveyed.teacherSeconds
  }

  /// Begins every codec's frames with the sequences that its tables are calibrated on.
  mutating func begin(
    _ calibration: [SurveyedSequence], isAll: Bool, records: Int, text: some Sequence<Int32>,
    kinds: [UInt8]?
  ) throws {
    for index in codecs.indices {
      let capture = codecs[index].capture
      try codecs[index].begin(
        calibration.map { $0.targets(index) }, areWhole: cut == nil, isAll: isAll && cut == nil
      ) { chosen throws(ShardError) in
        try CodingTables(
          calibrating: chosen.map(\.sequence), records: records, text: text, kinds: kinds,
          capture: capture)
      }
    }
  }

  /// Adds other sequences to every codec's frames.
  mutating func add(_ surveyed: [SurveyedSequence]) throws {
    for index in codecs.indices { try codecs[index].add(surveyed.map { $0.targets(index) }) }
  }
}
