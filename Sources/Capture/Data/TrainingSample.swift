public import Shards
public import Text

/// One sequence to learn from, with the teacher's view of it when there is one.
public struct TrainingSample: Sendable {
  /// The tokens.
  public var sequence: PackedSequence
  /// The teacher's targets, one for each prediction.
  public var targets: Targets?
  /// Whether a live teacher is asked about it, instead of stored targets.
  public var isLive: Bool
  /// The share of its own training that the teacher had behind it; nil for a finished teacher.
  public var maturity: Double?

  /// A sample from its parts.
  public init(
    sequence: PackedSequence, targets: Targets? = nil, isLive: Bool = false,
    maturity: Double? = nil
  ) {
    precondition(!isLive || targets == nil, "a live teacher and stored targets for one sequence")
    self.sequence = sequence
    self.targets = targets
    self.isLive = isLive
    self.maturity = maturity
  }
}
