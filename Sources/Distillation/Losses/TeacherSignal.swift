public import Shards

/// What a teacher says about a run of predictions.
///
/// A loss cannot tell a cached teacher from a live one: both give sparse or dense targets.
public struct TeacherSignal: Sendable {
  private let parts: [Targets]
  /// Where each prediction's row lies: which part, which row of it.
  private let places: [(part: Int, row: Int)]

  /// The targets of consecutive sequences, or nil without any.
  public init?(_ parts: [Targets]) {
    guard !parts.isEmpty else { return nil }
    self.parts = parts
    places = parts.enumerated().flatMap { part, targets in
      (0..<targets.count).map { (part, $0) }
    }
  }

  /// The number of predictions.
  public var count: Int { places.count }

  /// Whether any of its rows is a whole distribution.
  var isDense: Bool {
    parts.contains { if case .dense = $0 { true } else { false } }
  }

  /// The teacher's distribution at one prediction.
  func row(_ index: Int) -> TeacherRow {
    let (part, row) = places[index]
    switch parts[part] {
    case .sparse(let targets):
      let (ids, values) = targets.row(row)
      return TeacherRow(
        entropy: targets.entropy[row],
        entries: targets.isTruncated
          ? .truncated(ids: ids, values: values) : .sparse(ids: ids, values: values))
    case .dense(let targets):
      return TeacherRow(
        entropy: targets.entropy[row], entries: .dense(targets.probabilities(at: row)))
    }
  }
}

extension SparseTargets {
  /// The entries of one row.
  func row(_ index: Int) -> (ids: ArraySlice<Int32>, values: ArraySlice<Float>) {
    let entries = entries(of: index)
    return (ids[entries], values[entries])
  }
}

/// A teacher's distribution at one prediction, or what is known of it.
struct TeacherRow {
  enum Entries {
    /// An unbiased estimate.
    case sparse(ids: ArraySlice<Int32>, values: ArraySlice<Float>)
    /// The most probable entries; of the others, only what they have together.
    case truncated(ids: ArraySlice<Int32>, values: ArraySlice<Float>)
    /// All of it.
    case dense([Float])
  }

  /// The entropy of the true distribution, in nats.
  let entropy: Float
  let entries: Entries

  /// a = Σt, the mass of the targets: 1 on average, never renormalised.
  var mass: Float {
    switch entries {
    case .sparse(_, let values), .truncated(_, let values): values.reduce(0, +)
    case .dense: 1
    }
  }
}
