import Foundation

/// How the weights of a single prediction follow from what teacher and student say there.
///
/// The base weights come from the schedule and the feedback. A rule gives the teacher's term a share
/// of its base weight; what it takes away goes to the label's term, so that the two still add up,
/// unless the rule says otherwise.
public enum TokenRule: Sendable, Equatable {
  /// What an entropy rule gives the greater weight.
  public enum Favor: String, Sendable, CaseIterable {
    /// Predictions that the teacher is sure of: share = (1 − H / log V)^power.
    case sure
    /// Predictions that it is unsure of, where its distribution says more than a label does:
    /// share = (H / log V)^power.
    case unsure
  }

  /// The whole base weight everywhere.
  case uniform
  /// By the entropy H of the teacher's distribution; imported top-k targets know that of their
  /// classes only, which is less.
  case teacherEntropy(favor: Favor, power: Double)
  /// p(label)^power at temperature 1: the teacher is believed as far as it expected the text.
  case trueTokenProbability(power: Double)
  /// The whole weight where the teacher's most probable token is the label, a share elsewhere.
  case teacherRight(otherwise: Double)
  /// 1 − exp(−CE(student) / CE(teacher)): little where the student already does better than the
  /// teacher (Weighted Soft Labels, arXiv 2102.00650); the label's term keeps its own weight.
  case weightedSoftLabels
  /// The divergence in two parts, label against the rest (TCKD) and within the rest (NCKD): the
  /// share `easy`, with all that tie, of a step's predictions whose labels the teacher finds most probable has
  /// `alpha` NCKD, the others (1 − alpha)(TCKD + NCKD) (ATKD, arXiv 2402.11890).
  case adaptive(alpha: Double, easy: Double)

  /// What the teacher says about one prediction, beside its distribution.
  struct Facts {
    /// The entropy of its distribution, in nats.
    var entropy: Float
    /// log p(label) at temperature 1, in nats.
    var labelLogProbability: Float
    /// Its most probable token.
    var argmax: Int32
  }

  /// Whether the label's term keeps its base weight, whatever the teacher's term loses.
  public var leavesHardWeight: Bool {
    switch self {
    case .weightedSoftLabels, .adaptive: true
    case .uniform, .teacherEntropy, .trueTokenProbability, .teacherRight: false
    }
  }

  /// Whether it weighs the two parts of a divergence apart.
  public var isDecoupled: Bool { if case .adaptive = self { true } else { false } }

  /// The share of its base weight that the teacher's term keeps, from 0 to 1.
  func share(
    _ teacher: Facts, label: Int32, studentLoss: Double, vocabulary: Int
  ) -> Double {
    switch self {
    case .uniform, .adaptive: return 1
    case .teacherEntropy(let favor, let power):
      let unsure = min(max(Double(teacher.entropy) / log(Double(vocabulary)), 0), 1)
      return pow(favor == .unsure ? unsure : 1 - unsure, power)
    case .trueTokenProbability(let power):
      return exp(power * Double(min(teacher.labelLogProbability, 0)))
    case .teacherRight(let otherwise): return teacher.argmax == label ? 1 : otherwise
    case .weightedSoftLabels:
      // Caches round to sixteenths of a nat, so that a small loss often reads 0: not less than half
      // a step.
      return 1 - exp(-studentLoss / max(Double(-teacher.labelLogProbability), 1.0 / 32))
    }
  }
}
