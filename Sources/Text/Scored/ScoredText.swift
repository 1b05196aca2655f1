/// A text with the log-probabilities that a model elsewhere gave for each of its tokens.
public struct ScoredText: Sendable, Equatable {
  /// The model's prediction of one token from those before it.
  public struct Row: Sendable, Equatable {
    /// The most probable tokens, the likeliest first; the true one is among them or not.
    public var ids: [Int32]
    /// Their log-probabilities in nats.
    public var logProbabilities: [Double]
    /// The log-probability of the token that is there; -Infinity where the model rules it out.
    public var trueLogProbability: Double
    /// The number of tokens given without any probability; they are not among `ids`.
    public var impossible = 0
  }

  /// The token ids.
  public var tokens: [Int32]
  /// A row for each token but the first.
  public var rows: [Row]
  /// The number of entries left out because their text does not tell which token they are.
  public var unidentified = 0
}
