import Foundation

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
