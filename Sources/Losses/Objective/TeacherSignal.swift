public import Shards

/// What says the teacher's distributions of consecutive predictions.
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

/// What a teacher says about a run of predictions.
///
/// A loss cannot tell a cached teacher from a live one, or sparse targets from dense ones but by
/// what they do not say.
public struct TeacherSignal {
  private let parts: [TeacherPart]
  /// Where each prediction's row lies: which part, which row of it.
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

  /// What one prediction's row is a row of.
  func part(_ index: Int) -> TeacherPart { parts[places[index].part] }

  /// What the teacher says about one prediction beside its distribution.
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
