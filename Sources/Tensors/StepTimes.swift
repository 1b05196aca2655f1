/// The mean time of a training step, and of each of its stages.
public struct StepTimes: Sendable, Equatable {
  /// A stage's part of a step.
  public struct StageTime: Sendable, Equatable {
    /// The stage.
    public let stage: Profile.Stage
    /// The seconds of its forward a step, or of the stage itself where it has no two directions.
    public let forward: Double
    /// The seconds of its backward a step.
    public let backward: Double

    /// The seconds of both a step.
    public var total: Double { forward + backward }
  }

  /// The steps that the means are of.
  public let steps: Int
  /// The steps before them that were left out.
  public let skippedSteps: Int
  /// Every stage, in the order of a step.
  public let stages: [StageTime]

  /// The seconds of a whole step.
  public var total: Double { stages.reduce(0) { $0 + $1.total } }
}
