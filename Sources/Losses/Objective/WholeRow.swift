import CKernels
import Foundation

/// A whole teacher's distribution at one prediction against the student's, both at temperature T.
struct WholeRow {
  /// D(target, q), in nats.
  let value: Double
  private let pair: RowPair
  private let divergence: ck_divergence
  private let pull: Float

  /// The row of an objective.
  init(_ objective: Objective, _ pair: RowPair) {
    var sums = ck_divergence_sums(value: 0, pull: 0)
    var divergence = objective.divergence.kernel
    if case .interpolated(let share) = objective.target {
      divergence = pair.interpolation(Float(share))
    }
    pair.forEachRun(in: pair.columns) { ck_add_divergence(divergence, $1, $2, $3, &sums) }
    self.pair = pair
    self.divergence = divergence
    value = sums.value
    pull = Float(sums.pull)
  }

  /// Adds the gradient with respect to the student's scaled logits of some columns, times a factor.
  func addGradient(
    _ columns: Range<Int>, factor: Float, to gradient: UnsafeMutablePointer<Float>
  ) {
    pair.forEachRun(in: columns) {
      ck_add_divergence_gradient(divergence, $1, $2, $3, pull, factor, gradient + $0)
    }
  }
}

/// The forward divergence in two parts: the label against the rest, and within the rest.
///
/// `KL(p ‖ q) = TCKD + (1 − p_y) NCKD` with TCKD = KL of (p_y, 1 − p_y) and NCKD = KL of the
/// others, renormalised (Decoupled Knowledge Distillation, arXiv 2203.08679); ATKD (arXiv
/// 2402.11890) weighs the two apart.
struct DecoupledRow {
  /// The factors of both parts.
  struct Factors: Sendable, Equatable {
    /// The factor of the label against the rest.
    var label: Double
    /// The factor of the divergence within the rest.
    var rest: Double
  }

  /// The factors times the parts, in nats.
  let value: Double
  /// The slope by the label's scaled logit.
  let labelSlope: Double
  /// The factor of q̂, the student's distribution of all other tokens, in the slope by theirs.
  let restFactor: Double
  /// The log of the student's mass on all other tokens.
  let restLogMass: Double
  private let teacher: ScaledRow
  private let factors: Factors
  private let teacherRestLogMass: Double

  /// The parts of a pair of rows at a label.
  init(_ pair: RowPair, label: Int32, _ factors: Factors) {
    let (teacher, student) = (pair.teacher, pair.student)
    let outside = CollectionOfOne(label)
    let (pRest, qRest) = (teacher.logMass(outside: outside), student.logMass(outside: outside))
    let (logP, logQ) = (teacher.logProbability(label), student.logProbability(label))
    let (p, q) = (exp(logP), exp(logQ))
    var sums = ck_divergence_sums(value: 0, pull: 0)
    let renormalised = (teacher.shifted(by: -pRest), student.shifted(by: -qRest))
    for piece in pair.columns.pieces(around: Int(label)) {
      student.row.forEachRun(in: piece) { run, _ in
        ck_add_divergence(
          ck_divergence(kind: CK_FORWARD_KL, a: 0, b: 0), run.count,
          renormalised.0.distribution(at: run.lowerBound),
          renormalised.1.distribution(at: run.lowerBound), &sums)
      }
    }
    let labelPart = p * (logP - logQ) + exp(pRest) * (pRest - qRest)
    value = factors.label * labelPart + factors.rest * sums.value
    labelSlope = factors.label * (q - p)
    restFactor = factors.rest + factors.label * (p - q)
    restLogMass = qRest
    teacherRestLogMass = pRest
    self.teacher = teacher
    self.factors = factors
  }

  /// Subtracts the teacher's distribution of the other tokens, times a factor, from some columns.
  func subtractTeacher(
    _ columns: Range<Int>, factor: Float, from gradient: UnsafeMutablePointer<Float>
  ) {
    let rest = teacher.shifted(by: -teacherRestLogMass)
    rest.row.forEachRun(in: columns) { run, logits in
      ck_add_scaled_softmax(
        run.count, rest.scale, rest.normalizer, -factor * Float(factors.rest), logits,
        gradient + run.lowerBound - columns.lowerBound)
    }
  }
}

/// A teacher's and a student's distribution over the same columns.
struct RowPair {
  /// The teacher's.
  let teacher: ScaledRow
  /// The student's.
  let student: ScaledRow
  /// A token whose probability is not what the teacher's logits say, with the logarithm that it
  /// has.
  private let label: (column: Int, logTarget: Float)?

  /// The pair for a target: the teacher's own distribution, or one that the label corrects.
  init(
    _ target: Objective.Target, teacher: ScaledRow, student: ScaledRow, label: Int32,
    argmax: Int32
  ) {
    self.student = student
    guard case .corrected(let margin) = target, argmax != label else {
      self.teacher = teacher
      self.label = nil
      return
    }
    let correction = Correction(
      margin: margin, peak: exp(teacher.logProbability(argmax)),
      label: exp(teacher.logProbability(label)))
    self.teacher = teacher.shifted(by: log(1 - correction.share))
    self.label = (Int(label), Float(log(correction.labelTarget)))
  }

  /// All columns.
  var columns: Range<Int> { student.row.columns }

  /// Runs `body` on runs of some columns that lie together: where the run begins, counted from the
  /// first of these columns, its length, and both distributions there.
  func forEachRun(
    in columns: Range<Int>, _ body: (Int, Int, ck_distribution, ck_distribution) -> Void
  ) {
    for piece in columns.pieces(around: label?.column) {
      student.row.forEachRun(in: piece) { run, _ in
        body(
          run.lowerBound - columns.lowerBound, run.count, teacher.distribution(at: run.lowerBound),
          student.distribution(at: run.lowerBound))
      }
    }
    guard let label, columns.contains(label.column) else { return }
    withUnsafePointer(to: label.logTarget) {
      body(
        label.column - columns.lowerBound, 1,
        ck_distribution(
          logits: $0, scale: 1, normalizer: ck_normalizer(peak: 0, log_sum: 0)),
        student.distribution(at: label.column))
    }
  }

  /// The divergence from the normalised p^share q^(1 − share).
  fileprivate func interpolation(_ share: Float) -> ck_divergence {
    var sum = 0.0
    forEachRun(in: columns) { sum += ck_geometric_mixture($1, share, $2, $3) }
    return ck_divergence(kind: CK_INTERPOLATED_KL, a: share, b: Float(log(sum)))
  }
}

/// The distribution softmax(scale · logits) of one row of logits.
struct ScaledRow {
  let row: LogitBlocks.Row
  let scale: Float
  let normalizer: ck_normalizer

  /// The log-probability of a token.
  func logProbability(_ token: Int32) -> Double {
    normalizer.logProbability(row[Int(token)], scale: scale)
  }

  /// The same with some number added to every logarithm.
  func shifted(by shift: Double) -> ScaledRow {
    ScaledRow(row: row, scale: scale, normalizer: normalizer.raised(by: Float(shift)))
  }

  /// The distribution from a column on, as far as its block goes.
  func distribution(at column: Int) -> ck_distribution {
    ck_distribution(logits: row.pointer(to: column), scale: scale, normalizer: normalizer)
  }

  /// The log of the mass of all tokens but some, which ascend; −∞ of none.
  func logMass(outside tokens: some Sequence<Int32>) -> Double {
    normalizer.logMass(row.exponentials(excluding: tokens, scale: scale), scale: scale)
  }
}

/// The mixture of a teacher's distribution with the label, where the teacher is wrong.
struct Correction {
  /// m = (d + τ) / (1 + d) with d = max p − p(label): the label's share of the mixture.
  let share: Double
  /// The label's probability afterwards: τ more than that of any other token.
  let labelTarget: Double

  /// The correction for a margin, from the greatest probability and the label's.
  init(margin: Double, peak: Double, label: Double) {
    let lead = max(peak - label, 0)
    share = (lead + margin) / (1 + lead)
    labelTarget = (1 - share) * label + share
  }
}

extension Range<Int> {
  /// The range without one of its numbers.
  func pieces(around number: Int?) -> [Range<Int>] {
    guard let number, contains(number) else { return [self] }
    return [lowerBound..<number, (number + 1)..<upperBound].filter { !$0.isEmpty }
  }
}
