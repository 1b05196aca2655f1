import CKernels
import Foundation

/// The logits of one position measured against its targets.
struct Prediction {
  /// The weight of the label's term, as applied.
  let hard: Float
  /// The weight of the teacher's term, as applied.
  let soft: Float
  /// −log q(label), in nats.
  let hardLoss: Double
  /// The divergence from the teacher at the captured temperature, 0 without a teacher.
  let softLoss: Double
  /// −log p(label) of the teacher at temperature 1, 0 without a teacher.
  let teacherHardLoss: Double
  private let student: ScaledRow
  private let tempered: ScaledRow
  private let term: SoftTerm?
  private let temperature: Float
  /// Single entries of the gradient that are set, in ascending order of columns.
  private let replacements: [ColumnValue]
  /// The values then subtracted from single entries of the gradient, in ascending order of columns.
  private let corrections: [ColumnValue]

  /// The prediction from its logits, as they are and at the teacher's temperature, and from a whole
  /// teacher's distribution, where there is one.
  init(
    _ targets: LossTargets, row: Int, student: ScaledRow, tempered: ScaledRow,
    teacher: ScaledRow?
  ) {
    self.student = student
    self.tempered = tempered
    temperature = targets.temperature
    let label = targets.labels[row]
    let base = (soft: targets.soft[row], hard: targets.hard[row])
    hardLoss = -student.logProbability(label)
    let isCounted = base.soft != 0 || base.hard != 0
    let signal = isCounted ? targets.signal : nil
    let weights = signal.map { [hardLoss] signal in
      targets.weights(row, base, signal.facts(row), studentLoss: hardLoss, student)
    }
    soft = (weights ?? base).soft
    hard = (weights ?? base).hard
    let term = signal.map { targets.softTerm(row, $0, tempered, teacher) }
    self.term = term
    softLoss = term?.divergence ?? 0
    teacherHardLoss = signal.map { Double(-$0.facts(row).labelLogProbability) } ?? 0
    replacements = Self.replacements(term, soft * temperature, hard, student)
    let taken = (term?.taken ?? []).map { [soft, temperature] in
      ColumnValue(column: $0.column, value: soft * temperature * $0.value)
    }
    corrections = ([ColumnValue(column: label, value: hard)] + taken).sorted {
      $0.column < $1.column
    }
  }

  private static func replacements(
    _ term: SoftTerm?, _ soft: Float, _ hard: Float, _ student: ScaledRow
  ) -> [ColumnValue] {
    guard let term, soft != 0 else { return [] }
    return term.kept.map { column, slope in
      let q = hard == 0 ? 0 : exp(student.logProbability(column))
      return ColumnValue(column: column, value: Float(Double(hard) * q + Double(soft) * slope))
    }
  }

  /// The gradient with respect to the logits of some columns, times a scale.
  func writeGradient(
    _ columns: Range<Int>, of block: UnsafePointer<Float>, scale: Float,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    writeSoftmax(columns, of: block, scale: scale, to: gradient)
    // A weight of 0 has no gradient, even where the divergence has no bounds.
    switch soft == 0 ? nil : term?.dense {
    case .whole(let row):
      row.addGradient(columns, factor: soft * temperature * scale, to: gradient)
    case .decoupled(let row):
      row.subtractTeacher(columns, factor: soft * temperature * scale, from: gradient)
    case nil: break
    }
    for replacement in replacements.within(columns) {
      gradient[Int(replacement.column) - columns.lowerBound] = replacement.value * scale
    }
    for correction in corrections.within(columns) {
      gradient[Int(correction.column) - columns.lowerBound] -= correction.value * scale
    }
  }

  /// The terms that are the student's distributions times a factor.
  private func writeSoftmax(
    _ columns: Range<Int>, of block: UnsafePointer<Float>, scale: Float,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    let shift = term?.shift ?? 0
    let pull = Float(Double(soft * temperature) * (term?.factor ?? 0))
    let isOne = temperature == 1 && shift == 0
    ck_scaled_softmax(
      columns.count, 1, student.normalizer, (isOne ? hard + pull : hard) * scale, block, gradient)
    guard !isOne, pull != 0 else { return }
    ck_add_scaled_softmax(
      columns.count, tempered.scale, tempered.normalizer.raised(by: shift), pull * scale, block,
      gradient)
  }
}

extension LossTargets {
  /// The weights of a prediction, as its rule applies them.
  fileprivate func weights(
    _ row: Int, _ base: (soft: Float, hard: Float), _ facts: TokenRule.Facts,
    studentLoss: Double, _ student: ScaledRow
  ) -> (soft: Float, hard: Float) {
    let rule = objective.rule
    guard base.soft != 0, rule != .uniform else { return base }
    let share = rule.share(
      facts, label: labels[row], studentLoss: studentLoss,
      vocabulary: student.row.columns.count)
    let soft = Float(Double(base.soft) * share)
    // Not what the teacher's term lost, which feedback may have multiplied: what is left of 1.
    let hard = Double(base.hard) + (1 - Double(base.hard)) * (1 - share)
    return (soft, rule.leavesHardWeight ? base.hard : Float(hard))
  }

  /// The teacher's term of a prediction.
  fileprivate func softTerm(
    _ row: Int, _ signal: TeacherSignal, _ student: ScaledRow, _ teacher: ScaledRow?
  ) -> SoftTerm {
    let (label, facts) = (labels[row], signal.facts(row))
    if let teacher {
      let pair = RowPair(
        objective.target, teacher: teacher, student: student, label: label, argmax: facts.argmax)
      return SoftTerm(objective, pair, label: label, factors(facts))
    }
    guard let sparse = signal.sparseRow(row) else {
      preconditionFailure("the logits of a whole distribution were not made")
    }
    if case .head(let threshold, let resolution) = objective.classes {
      return SoftTerm(
        CoarseRow(
          objective.divergence, sparse, above: threshold, resolution: resolution,
          argmax: facts.argmax, student))
    }
    if sparse.isTruncated, let term = SoftTerm(truncated: sparse, student) { return term }
    return SoftTerm(sparse, objective.target, facts, label: label, student)
  }

  /// The factors of the two parts of a divergence that the rule weighs apart; nil for other rules.
  private func factors(_ facts: TokenRule.Facts) -> DecoupledRow.Factors? {
    guard case .adaptive(let alpha, _) = objective.rule else { return nil }
    let isEasy = facts.labelLogProbability >= easyAbove
    return isEasy
      ? DecoupledRow.Factors(label: 0, rest: alpha)
      : DecoupledRow.Factors(label: 1 - alpha, rest: 1 - alpha)
  }
}

/// A number that belongs to one column of the logits.
private struct ColumnValue {
  let column: Int32
  let value: Float
}

extension [ColumnValue] {
  /// Those of some columns, of all in ascending order.
  fileprivate func within(_ columns: Range<Int>) -> ArraySlice<ColumnValue> {
    self[first(from: columns.lowerBound)..<first(from: columns.upperBound)]
  }

  /// The index of the first at or after a column, by bisection.
  private func first(from column: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if Int(self[middle].column) < column { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
