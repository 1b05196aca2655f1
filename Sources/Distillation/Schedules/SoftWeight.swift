/// How much the teacher's term weighs: schedule × rule for single predictions × feedback.
public struct SoftWeight: Sendable, Equatable {
  /// The weight over the steps.
  public var schedule: WeightSchedule
  /// What part of it each prediction has.
  public var rule: TokenRule
  /// What the run's own losses make of it; nil leaves it as it is.
  public var feedback: Feedback?
  /// What the teacher's own progress makes of it, in a cache of its training; nil lets it be.
  public var maturity: MaturityRule?

  /// A weight from its parts.
  public init(
    _ schedule: WeightSchedule, rule: TokenRule = .uniform, feedback: Feedback? = nil,
    maturity: MaturityRule? = nil
  ) {
    (self.schedule, self.rule, self.feedback) = (schedule, rule, feedback)
    self.maturity = maturity
  }
}

/// The weights of both terms in one step, before the rule for single predictions.
public struct StepWeights: Sendable, Equatable {
  /// The teacher's.
  public var soft: Double
  /// The label's.
  public var hard: Double
  /// What the schedule says.
  public var scheduled: Double
  /// What the feedback multiplies it with.
  public var feedback: Double
}

extension SoftWeight {
  /// The weights of a step, counted from 0, of a run whose losses have gone as recorded.
  ///
  /// The label's is one less the teacher's. Two cases keep it whole: Weighted Soft Labels add the
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
