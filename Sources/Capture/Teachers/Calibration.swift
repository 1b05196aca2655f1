import Shards

/// The coding tables of a capture, and what the teacher said of the sequences that they come from.
///
/// Calibration asks the teacher about sequences of the cache itself. Its answers are kept until
/// their units are made, so that no sequence goes through the teacher twice: a cache that is no
/// longer than its calibration takes one pass.
struct Calibration {
  /// The tables; nil where the codec has none.
  let tables: CodingTables?
  /// Answers by the number of their sequence.
  private var answers: [Int: CachedSequence] = [:]

  /// Tables that were found, without any answer.
  init(tables: CodingTables?) { self.tables = tables }

  /// Tables with the answers that they were calibrated on, in the order of the sequences' numbers.
  init(tables: CodingTables, answers: [CachedSequence], of numbers: [Int]) {
    self.tables = tables
    self.answers = Dictionary(uniqueKeysWithValues: zip(numbers, answers))
  }

  /// The number of predictions that the answers still kept are about.
  var answeredTokens: Int { answers.values.reduce(0) { $0 + $1.text.recordCount } }

  /// The answers that are kept.
  var allAnswers: [CachedSequence] { Array(answers.values) }

  /// Whether the teacher's answer to a sequence is there.
  func has(_ number: Int) -> Bool { answers[number] != nil }

  /// The answer to a sequence, which is then no longer kept; nil where there is none.
  mutating func take(_ number: Int) -> CachedSequence? { answers.removeValue(forKey: number) }

  /// Drops the answers that lie outside of some ranges.
  mutating func keep(only ranges: [Range<Int>]) {
    answers = answers.filter { number, _ in ranges.contains { $0.contains(number) } }
  }
}
