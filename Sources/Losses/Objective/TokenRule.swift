import Base
import Foundation

/// A rule for the weights of a single prediction, by what teacher and student say there.
///
/// The base weights come from the schedule and the feedback. A rule gives the teacher's term a
/// share of its base weight; what it takes away goes to the label's term, so that the two still add
/// up, unless the rule says otherwise.
public enum TokenRule: Sendable, Equatable {
  /// The predictions that an entropy rule gives the greater weight.
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
  /// share `easy`, with all that tie, of a step's predictions whose labels the teacher finds most
  /// probable has `alpha` NCKD, the others (1 − alpha)(TCKD + NCKD) (ATKD, arXiv 2402.11890).
  case adaptive(alpha: Double, easy: Double)

  /// The teacher's facts about one prediction, beside its distribution.
  package struct Facts {
    /// The entropy of its distribution, in nats.
    var entropy: Float
    /// log p(label) at temperature 1, in nats.
    package var labelLogProbability: Float
    /// Its most probable token.
    var argmax: Int32
  }

  /// Whether the label's term keeps its base weight, whatever the teacher's term loses.
  package var leavesHardWeight: Bool {
    switch self {
    case .weightedSoftLabels, .adaptive: true
    case .uniform, .teacherEntropy, .trueTokenProbability, .teacherRight: false
    }
  }

  /// Whether it weighs the two parts of a divergence apart.
  package var isDecoupled: Bool { if case .adaptive = self { true } else { false } }

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

extension TokenRule {
  enum Key: String, ConfigKey {
    case rule, favor, power, otherwise, alpha, easy
  }

  private enum Name: String, CaseIterable {
    case uniform
    case teacherEntropy = "teacher_entropy"
    case trueTokenProbability = "true_token_probability"
    case teacherRight = "teacher_right"
    case weightedSoftLabels = "wsl"
    case adaptive = "atkd"

    /// The keys that the rule reads.
    var keys: [Key] {
      switch self {
      case .uniform, .weightedSoftLabels: []
      case .teacherEntropy: [.favor, .power]
      case .trueTokenProbability: [.power]
      case .teacherRight: [.otherwise]
      case .adaptive: [.alpha, .easy]
      }
    }
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let name = try section.choice(.rule, of: Name.self)
    try section.requireOnly(
      name.keys, of: [.favor, .power, .otherwise, .alpha, .easy], for: "the rule \(name.rawValue)")
    let share = ValueLimit.within(0.0...1.0)
    let power = try section.optionalNumber(.power, .above(0)) ?? 1
    switch name {
    case .uniform: self = .uniform
    case .teacherEntropy:
      let favor = try section.optionalChoice(.favor, of: Favor.self) ?? .sure
      self = .teacherEntropy(favor: favor, power: power)
    case .trueTokenProbability: self = .trueTokenProbability(power: power)
    case .teacherRight:
      self = .teacherRight(otherwise: try section.optionalNumber(.otherwise, share) ?? 0)
    case .weightedSoftLabels: self = .weightedSoftLabels
    case .adaptive:
      self = .adaptive(
        alpha: try section.optionalNumber(.alpha, share) ?? 0.2,
        easy: try section.optionalNumber(.easy, share) ?? 0.5)
    }
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    switch self {
    case .uniform: [.rule: .string(Name.uniform.rawValue)]
    case .teacherEntropy(let favor, let power):
      [
        .rule: .string(Name.teacherEntropy.rawValue), .favor: .string(favor.rawValue),
        .power: .double(power),
      ]
    case .trueTokenProbability(let power):
      [.rule: .string(Name.trueTokenProbability.rawValue), .power: .double(power)]
    case .teacherRight(let otherwise):
      [.rule: .string(Name.teacherRight.rawValue), .otherwise: .double(otherwise)]
    case .weightedSoftLabels: [.rule: .string(Name.weightedSoftLabels.rawValue)]
    case .adaptive(let alpha, let easy):
      [.rule: .string(Name.adaptive.rawValue), .alpha: .double(alpha), .easy: .double(easy)]
    }
  }
}
