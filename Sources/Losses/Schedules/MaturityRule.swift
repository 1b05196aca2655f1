import Base
import Foundation

/// A rule that trusts a teacher less about a sequence seen in the middle of its own training.
///
/// Logits of a teacher far from convergence harm a student, late ones help it (Pre-training
/// Distillation, arXiv 2410.16215): the soft weight of a sequence is multiplied with
/// (the teacher's step / all its steps)^power, and the label's term gets what the teacher's loses.
public struct MaturityRule: Sendable, Equatable {
  /// The exponent: 0 believes every step alike, 1 in proportion to the step.
  package var power: Double

  /// The rule of an exponent.
  package init(power: Double) { self.power = power }

  /// The factor of a teacher with a share of its training behind it; a finished one has 1.
  package func factor(_ share: Double?) -> Double { share.map { pow($0, power) } ?? 1 }

  /// Both weights of a sequence, from those of the step.
  ///
  /// What the teacher's term leaves of 1 is the label's in every composition, also where the
  /// label's keeps all of its own (hard = 1) or feedback has multiplied the teacher's alone.
  package func weights(soft: Float, hard: Float, share: Double?) -> (soft: Float, hard: Float) {
    let factor = Float(factor(share))
    return (soft * factor, hard + (1 - hard) * (1 - factor))
  }
}

extension MaturityRule {
  enum Key: String, ConfigKey {
    case power
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    self.init(power: try section.optionalNumber(.power, .within(0.0...100.0)) ?? 1)
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> { [.power: .double(power)] }
}
