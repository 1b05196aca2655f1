import Losses
package import Training

/// The findings of one step of a run, small enough to be sent after each.
package struct StepNews: Codable, Sendable, Equatable {
  /// The steps made so far.
  package var step: Int
  /// Predictions trained on so far.
  package var tokens: Int
  /// The mean cross-entropy of the labels, in nats.
  package var hardLoss: Double
  /// The mean divergence from the teacher, in nats; nil without a teacher's signal.
  package var softLoss: Double?

  /// The news of a run's progress.
  package init(_ progress: TrainingRun.Progress) {
    let sums = progress.report.sums
    let count = Double(max(sums.count, 1))
    step = progress.step
    tokens = progress.tokens
    hardLoss = sums.hard / count
    softLoss = sums.soft == 0 ? nil : sums.soft / count
  }
}
