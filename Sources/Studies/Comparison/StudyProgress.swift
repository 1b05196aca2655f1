import Losses
package import Training

/// The progress of a comparison.
package struct StudyProgress: Sendable, Equatable {
  /// The steps made, in all runs and all processes so far, and those to make.
  package var steps, totalSteps: Int
  /// The runs that have made their last step, and all that are to.
  package var runs, totalRuns: Int
  /// The runs that are being trained now, by name.
  package var active: [String] = []
}

/// The counts behind a comparison's progress.
struct StudyTally {
  private var made: [String: Int]
  private var goals: [String: Int]
  private var active: [String] = []

  /// The counts of some runs, each to be trained up to a step.
  init(_ orders: [TrainingOrder]) {
    made = Dictionary(
      orders.map { ($0.run.name, min($0.run.madeSteps, $0.goal)) }, uniquingKeysWith: max)
    goals = Dictionary(orders.map { ($0.run.name, $0.goal) }, uniquingKeysWith: max)
  }

  mutating func add(_ run: String, step: Int) {
    made[run] = step
    if !active.contains(run) { active.append(run) }
  }

  mutating func end(_ run: String) {
    made[run] = goals[run]
    active.removeAll { $0 == run }
  }

  /// The counts as they are now.
  var progress: StudyProgress {
    StudyProgress(
      steps: made.values.reduce(0, +), totalSteps: goals.values.reduce(0, +),
      runs: goals.count { (made[$0.key] ?? 0) >= $0.value }, totalRuns: goals.count,
      active: active.sorted())
  }
}

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
