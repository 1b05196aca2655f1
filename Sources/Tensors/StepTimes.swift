/// The mean time of a training step, and of each of its stages.
package struct StepTimes: Sendable, Equatable {
  /// A stage's part of a step.
  package struct StageTime: Sendable, Equatable {
    /// The stage.
    package let stage: Profile.Stage
    /// The seconds of its forward a step, or of the stage itself where it has no two directions.
    package let forward: Double
    /// The seconds of its backward a step.
    package let backward: Double

    /// The seconds of both a step.
    package var total: Double { forward + backward }
  }

  /// The steps that the means are of.
  package let steps: Int
  /// The steps before them that were left out.
  package let skippedSteps: Int
  /// Every stage, in the order of a step.
  package let stages: [StageTime]

  /// The seconds of a whole step.
  package var total: Double { stages.reduce(0) { $0 + $1.total } }
}
