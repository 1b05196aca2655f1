import Foundation
import Losses
import Models
import Tensors

extension TrainingRun {
  /// The settings of a step: a function of its number and of the losses before it.
  func settings(at step: Int) -> StepSettings {
    let weights = weights(at: step)
    return StepSettings(
      learningRate: Float(config.training.learningRate.rate(step: step)),
      softWeight: Float(weights.soft), hardWeight: Float(weights.hard),
      objective: config.loss.objective(share: share(at: step), data.codec),
      maturity: config.loss.soft?.maturity, temperature: temperature,
      routerBalance: Float(config.loss.routerAuxLossCoef),
      routerZ: Float(config.loss.routerZLossCoef))
  }

  func weights(at step: Int) -> StepWeights {
    config.loss.soft?.weights(step: step, of: config.training.steps, state.history)
      ?? StepWeights(soft: 0, hard: 1, scheduled: 0, feedback: 1)
  }

  /// The teacher's share of an interpolated target; nil for other targets.
  private func share(at step: Int) -> Double? {
    guard case .interpolated(let rule) = config.loss.target else { return nil }
    return rule.share(step: step, of: config.training.steps, state.history)
  }

  /// Takes a step's losses into the history that feedback is made of.
  func remember(_ report: StepReport, at step: Int) {
    var interpolation: (rule: Interpolation, share: Double)?
    if case .interpolated(let rule) = config.loss.target, let share = share(at: step) {
      interpolation = (rule, share)
    }
    state.history.record(
      report.sums, temperature: Double(temperature), config.loss.soft?.feedback, interpolation)
  }

  /// Logs the findings of a step, and the weights that it was made with.
  func log(
    _ report: StepReport, _ settings: StepSettings, _ weights: StepWeights,
    tokensPerSecond: Double
  ) throws {
    var record = MetricsRecord(step: state.step, tokens: state.tokens)
    record.seconds = state.seconds
    record.record(report.sums)
    record.loss = report.loss
    if config.loss.soft == nil {
      record.softLoss = nil
      record.softWeight = nil
      record.softTerm = nil
    } else {
      record.scheduledWeight = weights.scheduled
      record.feedback = config.loss.soft?.feedback == nil ? nil : weights.feedback
    }
    if case .interpolated(let share) = settings.objective.target { record.teacherShare = share }
    record.learningRate = Double(settings.learningRate)
    record.featureLoss = report.featureLoss
    record.gradientNorm = report.gradientNorm
    record.routerLoss = report.expertMaxLoad == nil ? nil : report.routerLoss
    record.expertMaxLoad = report.expertMaxLoad
    record.tokensPerSecond = tokensPerSecond
    record.peakRssBytes = ProcessMemory.peakBytes
    try directory.metrics.append(record)
  }
}
