import Base
import Foundation

/// The weight of the teacher's term: schedule × rule for single predictions × feedback.
public struct SoftWeight: Sendable, Equatable {
  /// The weight over the steps.
  package var schedule: WeightSchedule
  /// The rule for the part of it that each prediction has.
  package var rule: TokenRule
  /// The feedback of the run's own losses; nil leaves the weight as it is.
  package var feedback: Feedback?
  /// The rule for a cache of the teacher's own training; nil trusts every stage of it alike.
  package var maturity: MaturityRule?

  /// A weight from its parts.
  package init(
    _ schedule: WeightSchedule, rule: TokenRule = .uniform, feedback: Feedback? = nil,
    maturity: MaturityRule? = nil
  ) {
    self.schedule = schedule
    self.rule = rule
    self.feedback = feedback
    self.maturity = maturity
  }
}

/// The weights of both terms in one step, before the rule for single predictions.
public struct StepWeights: Sendable, Equatable {
  /// The teacher's.
  public var soft: Double
  /// The label's.
  public var hard: Double
  /// The schedule's weight, before feedback.
  public var scheduled: Double
  /// The factor of the feedback.
  public var feedback: Double

  /// The weights of a step from their parts.
  package init(soft: Double, hard: Double, scheduled: Double, feedback: Double) {
    self.soft = soft
    self.hard = hard
    self.scheduled = scheduled
    self.feedback = feedback
  }
}

extension SoftWeight {
  /// The weights of a step, counted from 0, of a run whose losses have gone as recorded.
  ///
  /// The label's is 1 minus the teacher's. Two cases keep it whole: Weighted Soft Labels add the
  /// teacher's term to it, and a balance of the two losses multiplies the teacher's alone.
  public func weights(step: Int, of steps: Int, _ history: LossHistory) -> StepWeights {
    let scheduled = schedule.weight(step: step, of: steps)
    let factor = feedback?.factor(history) ?? 1
    let soft = scheduled * factor
    let hard =
      switch (rule, feedback) {
      case (.weightedSoftLabels, _): 1.0
      case (_, .lossRatio): 1 - scheduled
      default: 1 - soft
      }
    return StepWeights(soft: soft, hard: hard, scheduled: scheduled, feedback: factor)
  }
}

extension SoftWeight {
  enum Key: String, ConfigKey {
    case schedule, value, start, end, values, at, warmup, decay, token, feedback, maturity
  }

  /// The greatest weight where the label's term keeps its own: Weighted Soft Labels take 2.5.
  private static let most = 100.0

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let rule = try section[.token].map { node throws(ConfigError) in try TokenRule(node) }
    let feedback = try section[.feedback].map { node throws(ConfigError) in try Feedback(node) }
    let maturity = try section[.maturity].map { node throws(ConfigError) in
      try MaturityRule(node)
    }
    self.init(
      try WeightSchedule(section, most: rule == .weightedSoftLabels ? Self.most : 1),
      rule: rule ?? .uniform, feedback: feedback, maturity: maturity)
  }

  /// The section as it is written into a run directory.
  var resolved: JSONValue {
    var entries = schedule.resolved.map { ($0.rawValue, $1) }
    if rule != .uniform { entries.append((Key.token.rawValue, rule.resolved.value)) }
    if let feedback { entries.append((Key.feedback.rawValue, feedback.resolved.value)) }
    if let maturity { entries.append((Key.maturity.rawValue, maturity.resolved.value)) }
    return .object(entries.map { JSONMember($0, $1) })
  }
}

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
