import CKernels
import Foundation

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
