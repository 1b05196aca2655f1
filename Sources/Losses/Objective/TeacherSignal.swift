public import Shards
import Tensors

/// A source of the teacher's distributions of consecutive predictions.
public enum TeacherPart {
  /// Targets from a cache.
  case stored(Targets)
  /// A teacher that has just seen the sequence.
  case live(LiveTargets)

  /// The number of predictions.
  public var count: Int {
    switch self {
    case .stored(let targets): targets.count
    case .live(let targets): targets.count
    }
  }
}

/// A teacher's view of a run of predictions.
///
/// A loss cannot tell a cached teacher from a live one, and sparse targets from dense ones only by
/// what they leave out.
public struct TeacherSignal {
  private let parts: [TeacherPart]
  /// The place of each prediction's row: its part, and its number there.
  private let places: [(part: Int, row: Int)]

  /// The targets of consecutive sequences, or nil without any.
  public init?(_ parts: [TeacherPart]) {
    guard !parts.isEmpty else { return nil }
    self.parts = parts
    places = parts.enumerated().flatMap { part, targets in
      (0..<targets.count).map { (part, $0) }
    }
  }

  /// The stored targets of consecutive sequences, or nil without any.
  public init?(_ targets: [Targets]) { self.init(targets.map { .stored($0) }) }

  /// The number of predictions.
  public var count: Int { places.count }

  /// Whether any of its rows is a whole distribution.
  var hasWholeRows: Bool {
    parts.contains { part in
      if case .stored(.sparse) = part { false } else { true }
    }
  }

  /// The runs of some predictions that lie in one part each.
  func segments(of rows: Range<Int>) -> [(part: TeacherPart, first: Int, rows: Range<Int>)] {
    var segments: [(part: TeacherPart, first: Int, rows: Range<Int>)] = []
    var start = rows.lowerBound
    while start < rows.upperBound {
      let (part, first) = places[start]
      let end = min(rows.upperBound, start + parts[part].count - first)
      segments.append((parts[part], first, start..<end))
      start = end
    }
    return segments
  }

  /// The part that holds one prediction's row.
  func part(_ index: Int) -> TeacherPart { parts[places[index].part] }

  /// Returns the teacher's facts about one prediction, beside its distribution.
  package func facts(_ index: Int) -> TokenRule.Facts {
    let (part, row) = places[index]
    switch parts[part] {
    case .stored(.sparse(let targets)):
      return TokenRule.Facts(
        entropy: targets.entropy[row], labelLogProbability: targets.nextLogProbability[row],
        argmax: targets.argmax[row])
    case .stored(.dense(let targets)):
      return TokenRule.Facts(
        entropy: targets.entropy[row], labelLogProbability: targets.nextLogProbability[row],
        argmax: targets.argmax[row])
    case .live(let targets): return targets.facts[row]
    }
  }

  /// The stored entries of one prediction; nil where the row is a whole distribution.
  func sparseRow(_ index: Int) -> SparseRow? {
    let (part, row) = places[index]
    guard case .stored(.sparse(let targets)) = parts[part] else { return nil }
    let (ids, values) = targets.row(row)
    return SparseRow(ids: ids, values: values, isTruncated: targets.isTruncated)
  }
}

/// The stored entries of a teacher's distribution at one prediction.
struct SparseRow {
  /// The tokens, ascending.
  let ids: ArraySlice<Int32>
  /// t, for each of them.
  let values: ArraySlice<Float>
  /// Whether they are the most probable ones, with nothing known of the others but what they have
  /// together; otherwise they are an unbiased estimate.
  let isTruncated: Bool
}

/// The logits of a teacher's whole distributions for a chunk of predictions.
struct TeacherLogits {
  private let blocks: LogitBlocks
  private let sums: RowSums
  private let signal: TeacherSignal
  private let temperature: Float

  /// Room for the rows of a chunk, in some groups of columns.
  init(_ signal: TeacherSignal, rows: Int, vocabulary: Int, groups: Int, temperature: Float) {
    blocks = LogitBlocks(rows: rows, vocabulary: vocabulary)
    sums = RowSums(rows, groups)
    self.signal = signal
    self.temperature = temperature
  }

  /// Makes the logits of some columns, which lie in one block of one group; sparse rows have none.
  func fill(_ rows: Range<Int>, _ columns: Range<Int>, group: Int) {
    for (part, first, run) in signal.segments(of: rows) {
      let offset = run.lowerBound - rows.lowerBound
      let base = blocks.base(of: columns) + offset * LogitBlocks.width
      switch part {
      case .stored(.sparse): continue
      case .stored(.dense(let targets)):
        for row in run.indices {
          let index = row - run.lowerBound
          targets.copyLogProbabilities(
            first + index, columns, to: base + index * LogitBlocks.width)
        }
        sums.add(run.count, columns.count, base, scale: 1, group, from: offset)
      case .live(let targets):
        precondition(targets.temperature == temperature, "teacher and loss at two temperatures")
        targets.project(first..<(first + run.count), columns, into: base)
        sums.add(run.count, columns.count, base, scale: 1 / temperature, group, from: offset)
      }
    }
  }

  /// The distribution of a prediction, which is row `index` of the chunk; nil where it is sparse.
  func row(_ prediction: Int, index: Int) -> ScaledRow? {
    guard let scale = scale(prediction) else { return nil }
    return ScaledRow(
      row: blocks.row(index), scale: scale, normalizer: sums.normalizer(index, scale: scale))
  }

  /// The factor of a row's logits: stored ones are at the temperature already.
  private func scale(_ prediction: Int) -> Float? {
    switch signal.part(prediction) {
    case .stored(.sparse): nil
    case .stored(.dense): 1
    case .live: 1 / temperature
    }
  }
}

extension DenseTargets {
  /// Copies the log-probabilities of some columns as they are stored, rounded to float16.
  ///
  /// A probability of 0, which a masked logit leaves, has no logarithm: e⁻¹⁰⁰ stands for it.
  fileprivate func copyLogProbabilities(
    _ row: Int, _ columns: Range<Int>, to target: UnsafeMutablePointer<Float>
  ) {
    logProbabilities.withUnsafeBufferPointer { stored in
      let start = row * vocabularySize + columns.lowerBound
      for index in 0..<columns.count { target[index] = max(Float(stored[start + index]), -100) }
    }
  }
}
