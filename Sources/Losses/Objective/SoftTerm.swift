import CKernels
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

/// A sparse teacher's row against the student's as a divergence of classes: each token that the row
/// has exactly, and all others together.
///
/// A lower bound of the divergence of all tokens, because classes were merged, but for the rounding
/// of the stored values (docs/design.md, "What sparse targets say").
struct CoarseRow {
  /// The divergence, in nats.
  let value: Double
  /// The tokens that are classes of their own, each with its slope by the student's scaled logit.
  let kept: [(column: Int32, slope: Double)]
  /// The slope of all other tokens together; each has its part of it by q.
  let restSlope: Double
  /// The log of the student's mass on all other tokens.
  let restLogMass: Double

  /// The classes of a row.
  init(
    _ divergence: Divergence, _ row: SparseRow, above threshold: Float, resolution: Double,
    argmax: Int32,
    _ student: ScaledRow
  ) {
    let exact = zip(row.ids, row.values).filter { $0.1 > threshold || $0.0 == argmax }
    let outside = student.logMass(outside: exact.lazy.map(\.0))
    // Values are rounded without bias, so that together they may reach 1 and more where the truth
    // is a little less: the rest is taken for half a step of their grid at least.
    let mass = exact.reduce(0) { $0 + Double($1.1) }
    let rest = outside > -.infinity ? max(1 - mass, resolution / 2) : 0
    let total = Float(log(mass + rest))
    var (p, q) = (
      exact.map { log($0.1) - total }, exact.map { Float(student.logProbability($0.0)) }
    )
    let hasRest = outside > -.infinity
    if hasRest {
      p.append(Float(log(rest)) - total)
      q.append(Float(outside))
    }
    let (value, slopes) = Self.classes(divergence.kernel, p, q)
    self.value = value
    restSlope = hasRest ? Double(slopes[exact.count]) : 0
    restLogMass = hasRest ? outside : 0
    kept = zip(exact, slopes).map { ($0.0, Double($1)) }
  }

  /// The divergence of some classes from the logarithms of both, with its slopes.
  private static func classes(
    _ divergence: ck_divergence, _ p: [Float], _ q: [Float]
  ) -> (value: Double, slopes: [Float]) {
    var sums = ck_divergence_sums(value: 0, pull: 0)
    var slopes = [Float](repeating: 0, count: p.count)
    p.withUnsafeBufferPointer { p in
      q.withUnsafeBufferPointer { q in
        let (p, q) = (p.distribution, q.distribution)
        ck_add_divergence(divergence, slopes.count, p, q, &sums)
        ck_add_divergence_gradient(
          divergence, slopes.count, p, q, Float(sums.pull), 1, &slopes)
      }
    }
    return (sums.value, slopes)
  }
}

extension UnsafeBufferPointer<Float> {
  /// The distribution that these logarithms are of.
  fileprivate var distribution: ck_distribution {
    ck_distribution(
      logits: baseAddress, scale: 1, normalizer: ck_normalizer(peak: 0, log_sum: 0))
  }
}

/// A truncated teacher's row against the student's: k tokens, and all others as one class.
///
/// The ghost bucket of top-k distillation: `Σ p log (p / q) + p_g log (p_g / q_g)` over the kept
/// tokens and the rest, whose gradient is `q − p` at a kept token and `q_j (1 − p_g / q_g)` at
/// any other. It is a lower bound of the divergence, because classes were merged.
package struct TailBucket {
  /// A kept token.
  package struct Entry {
    package let column: Int32
    /// p, the teacher's probability.
    package let teacher: Double
    /// log q, in nats, at the teacher's temperature.
    package let logStudent: Double

    /// The entry of an id, with p and log q.
    package init(column: Int32, teacher: Double, logStudent: Double) {
      self.column = column
      self.teacher = teacher
      self.logStudent = logStudent
    }

    /// q, the student's probability.
    var student: Double { exp(logStudent) }
  }

  /// The kept tokens in ascending order.
  let kept: [Entry]
  /// p_g = 1 − Σp.
  ///
  /// The stored p are rounded without bias, so that it may come out below zero: kept so, because
  /// only then is it right on average.
  let teacherMass: Double
  /// log q_g, in nats.
  let logStudentMass: Double

  /// The bucket that some kept tokens leave, where the student gives the others q_g.
  package init(_ kept: [Entry], logStudentMass: Double) {
    self.kept = kept
    self.logStudentMass = logStudentMass
    teacherMass = 1 - kept.reduce(0) { $0 + $1.teacher }
  }

  /// The Kullback-Leibler divergence of the k + 1 classes, in nats.
  package var divergence: Double {
    kept.reduce(Self.term(teacherMass, logStudentMass)) {
      $0 + Self.term($1.teacher, $1.logStudent)
    }
  }

  /// `p (log p − log q)`; a p below zero, which is rounding, has no logarithm of its own.
  private static func term(_ p: Double, _ logQ: Double) -> Double {
    p == 0 ? 0 : p * ((p > 0 ? log(p) : 0) - logQ)
  }

  /// `1 − p_g / q_g`, the factor of q_j outside, as `factor · exp(shift)`.
  ///
  /// Where q_g is next to nothing the factor leaves the range of a Float and q_j does, too, while
  /// their product is about −p_g: the shift then goes into the exponent of q_j.
  var factor: (factor: Double, shift: Float) {
    let logRatio = log(abs(teacherMass)) - logStudentMass
    let sign: Double = teacherMass < 0 ? -1 : 1
    return logRatio > 40 ? (-sign, Float(logRatio)) : (1 - sign * exp(logRatio), 0)
  }
}
