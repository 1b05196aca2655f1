public import Shards

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

extension SparseTargets {
  /// The entries of one row.
  package func row(_ index: Int) -> (ids: ArraySlice<Int32>, values: ArraySlice<Float>) {
    let entries = entries(of: index)
    return (ids[entries], values[entries])
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
