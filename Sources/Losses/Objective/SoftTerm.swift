import Foundation

/// The teacher's term of one prediction, by what is known of the teacher's distribution.
///
/// Its slope by the student's scaled logit j is `factor · q_j e^shift`, other values for the `kept`
/// tokens, less `t` for the `taken` ones, and what whole rows add.
struct SoftTerm {
  /// The divergence, in nats.
  var divergence: Double
  /// The factor of the student's distribution.
  var factor = 0.0
  /// The number that is added to the logarithm of the student's distribution.
  var shift: Float = 0
  /// Tokens whose slope is not that of the others, ascending.
  var kept: [(column: Int32, slope: Double)] = []
  /// Tokens with the values that are subtracted from their slope.
  var taken: [(column: Int32, value: Float)] = []
  /// The further part of every token's slope.
  var dense: Dense?

  /// The part of the slope that a whole teacher's row makes.
  enum Dense {
    case whole(WholeRow)
    case decoupled(DecoupledRow)
  }
}

extension SoftTerm {
  /// The term of a whole distribution.
  init(_ objective: Objective, _ pair: RowPair, label: Int32, _ factors: DecoupledRow.Factors?) {
    guard let factors else {
      let row = WholeRow(objective, pair)
      self.init(divergence: row.value, dense: .whole(row))
      return
    }
    let row = DecoupledRow(pair, label: label, factors)
    self.init(
      divergence: row.value, factor: row.restFactor, shift: Float(-row.restLogMass),
      kept: [(label, row.labelSlope)], dense: .decoupled(row))
  }

  /// The term of an unbiased sparse row: `−H − Σ t log q`, with the slope `a q − t`.
  ///
  /// t is never renormalised, because it is E[t] = p that makes it right on average
  /// (docs/design.md, "The targets").
  init(
    _ row: SparseRow, _ target: Objective.Target, _ facts: TokenRule.Facts, label: Int32,
    _ student: ScaledRow
  ) {
    let sparse = SparseTarget(row, target, facts, label: label)
    let product = sparse.entries.reduce(0) {
      $0 + Double($1.value) * student.logProbability($1.column)
    }
    self.init(
      divergence: -Double(sparse.entropy) - product,
      factor: sparse.entries.reduce(0) { $0 + Double($1.value) }, taken: sparse.entries)
  }

  /// The term of a truncated row: its tokens, and all others as one class.
  init?(truncated row: SparseRow, _ student: ScaledRow) {
    let outside = student.logMass(outside: row.ids)
    guard outside > -.infinity else { return nil }
    let tail = TailBucket(
      zip(row.ids, row.values).map { id, value in
        TailBucket.Entry(
          column: id, teacher: Double(value), logStudent: student.logProbability(id))
      }, logStudentMass: outside)
    let (factor, shift) = tail.factor
    self.init(
      divergence: tail.divergence, factor: factor, shift: shift,
      kept: tail.kept.map { ($0.column, $0.student - $0.teacher) })
  }

  /// The term of classes.
  init(_ row: CoarseRow) {
    self.init(
      divergence: row.value, factor: row.restSlope, shift: Float(-row.restLogMass), kept: row.kept)
  }
}

/// Unbiased sparse targets, corrected by the label where the objective says so.
private struct SparseTarget {
  /// The tokens with their expected probabilities, in no order.
  let entries: [(column: Int32, value: Float)]
  /// The entropy of the distribution that they estimate, in nats.
  let entropy: Float

  init(_ row: SparseRow, _ target: Objective.Target, _ facts: TokenRule.Facts, label: Int32) {
    let stored = zip(row.ids, row.values).map { (column: $0, value: $1) }
    guard case .corrected(let margin) = target, facts.argmax != label else {
      entries = stored
      entropy = facts.entropy
      return
    }
    // The most probable token and the label's probability are exact but for rounding, so that the
    // mixture is linear in what was drawn. A peak that is not stored was rounded to 0.
    let peak = stored.first { $0.column == facts.argmax }?.value ?? 0
    let p = exp(Double(facts.labelLogProbability))
    let correction = Correction(margin: margin, peak: Double(peak), label: p)
    let m = correction.share
    entries =
      stored.map { ($0.column, Float(1 - m) * $0.value) } + [(column: label, value: Float(m))]
    let others = Double(facts.entropy) + p * Double(facts.labelLogProbability)
    entropy = Float(
      (1 - m) * others - (1 - m) * (1 - p) * log(1 - m)
        - correction.labelTarget * log(correction.labelTarget))
  }
}
