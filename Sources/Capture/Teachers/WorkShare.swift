import Shards

/// The units of a cache that one process makes, when several make it together.
///
/// Processes do not talk: worker i of n makes the units i, i + n, i + 2n, …
public struct WorkShare: Sendable, Equatable {
  /// All of the work.
  public static let whole = WorkShare(index: 0, count: 1)

  /// The worker's number, from 0.
  public let index: Int
  /// The number of workers.
  public let count: Int

  /// The share of a worker, 0 ≤ index < count.
  package init(index: Int, count: Int) {
    precondition((0..<count).contains(index), "worker \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// The worker's units.
  func units(of count: Int) -> [Int] { Array(stride(from: index, to: count, by: self.count)) }
}

/// The work that a worker has done on its units.
struct UnitWork {
  /// The units that are there, with what the manifest says of them.
  private(set) var shards: [Int: CacheManifest.Shard] = [:]
  /// The sequences that are stored.
  private(set) var sequences = 0
  /// Predictions made by this attempt, in finished units.
  private(set) var newTokens = 0
  /// Whether the work was cut short.
  var isInterrupted = false
  /// The answers of the teacher that are still to be used.
  var calibration: Calibration

  private let total: Int
  private var tokens = 0
  private var teacherTokens: Int

  /// The work before the first unit of a share of so many predictions.
  init(total: Int, calibration: Calibration) {
    self.total = total
    self.calibration = calibration
    teacherTokens = calibration.answeredTokens
  }

  /// Counts predictions that the teacher was run over.
  mutating func count(teacher tokens: Int) { teacherTokens += tokens }

  /// Counts a unit.
  mutating func add(_ shard: CacheManifest.Shard, _ unit: Int, newTokens: Int) {
    shards[unit] = shard
    sequences += shard.sequences
    tokens += shard.tokens
    self.newTokens += newTokens
  }

  /// The progress of the work, with the predictions of a unit in the making.
  func progress(unfinished: Int = 0) -> CacheBuilder.Progress {
    CacheBuilder.Progress(
      tokens: tokens + unfinished, totalTokens: total, newTokens: newTokens + unfinished,
      teacherTokens: teacherTokens)
  }
}

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
