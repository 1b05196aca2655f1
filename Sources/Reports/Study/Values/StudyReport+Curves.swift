extension StudyReport {
  /// A number that was logged after a step.
  public struct Point: Sendable, Equatable {
    /// The optimizer steps made.
    public var step: Int
    /// The number.
    public var value: Double

    /// A point.
    public init(step: Int, value: Double) { (self.step, self.value) = (step, value) }
  }

  /// What was logged of one run: one arm from one seed, each list by rising step.
  public struct Run: Sendable, Equatable {
    /// The arm.
    public var arm: String
    /// The seed.
    public var seed: Int
    /// What was minimised.
    public var trainingLoss: [Point]
    /// The held-out loss.
    public var heldOutNLL: [Point]
    /// The weight that the soft loss had.
    public var softWeight: [Point]
    /// The weight that the hard loss had.
    public var hardWeight: [Point]
    /// The learning rate.
    public var learningRate: [Point]

    /// A run; what was not logged stays empty.
    public init(
      arm: String, seed: Int, trainingLoss: [Point] = [], heldOutNLL: [Point] = [],
      softWeight: [Point] = [], hardWeight: [Point] = [], learningRate: [Point] = []
    ) {
      (self.arm, self.seed) = (arm, seed)
      (self.trainingLoss, self.heldOutNLL) = (trainingLoss, heldOutNLL)
      (self.softWeight, self.hardWeight) = (softWeight, hardWeight)
      self.learningRate = learningRate
    }
  }

  /// Some neighbouring positions and their mean loss.
  public struct PositionBin: Sendable, Equatable {
    /// The first position, counted from 1: the tokens that the prediction could see.
    public var first: Int
    /// The last position.
    public var last: Int
    /// The mean held-out loss.
    public var nll: Double

    /// A bin.
    public init(first: Int, last: Int, nll: Double) {
      (self.first, self.last, self.nll) = (first, last, nll)
    }
  }

  /// The held-out loss of an arm by position.
  public struct PositionCurve: Sendable, Equatable {
    /// The arm.
    public var arm: String
    /// The bins, by rising position.
    public var bins: [PositionBin]

    /// A curve.
    public init(arm: String, bins: [PositionBin]) { (self.arm, self.bins) = (arm, bins) }
  }
}
