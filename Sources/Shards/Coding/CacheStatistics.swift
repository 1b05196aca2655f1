/// What a cache's frames hold on average, for `cache inspect`.
public struct CacheStatistics: Sendable, Equatable, Codable {
  /// The numbers of one kind.
  public struct Plane: Sendable, Equatable, Codable {
    /// The plane's name.
    public var name: PlaneName
    /// What its numbers take on average, in bytes a token.
    public var bytesPerToken: Double
  }

  /// The kinds of numbers in a frame.
  public enum PlaneName: Int, Sendable, Codable, CaseIterable {
    /// The text's own tokens.
    case tokens
    /// Which ids the entries have.
    case ids
    /// The probabilities of the entries that have one of their own.
    case values
    /// How many entries there are.
    case counts
    /// The entropy of the teacher.
    case entropy
    /// The log-probability of the true next token.
    case nextLogProbability
  }

  /// The number of positions that were looked at.
  public var tokens: Int
  /// Stored entries a position; V for dense targets.
  public var entriesPerToken: Double
  /// The mean of the stored mass Σt, 1 in expectation.
  public var meanMass: Double
  /// The mean entropy of the teacher, in nats.
  public var meanEntropy: Double
  /// The mean negative log-probability of the true next token under the teacher, in nats.
  public var meanNextTokenNLL: Double
  /// What each kind of number takes; empty for dense targets.
  public var planes: [Plane]
}
