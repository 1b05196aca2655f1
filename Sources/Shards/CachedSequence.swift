/// A training sequence with the teacher's targets, as a cache stores it: one frame.
public struct CachedSequence: Sendable, Equatable {
  /// The tokens, fragments and mask.
  public let text: SequenceTokens
  /// The teacher's targets, one a record.
  public let targets: Targets

  /// A sequence and its targets.
  public init(text: SequenceTokens, targets: Targets) {
    self.text = text
    self.targets = targets
  }

  /// A sequence from its parts.
  public init(
    identity: UInt64, tokens: [Int32], fragments: [Int], lossMask: [Bool]? = nil, targets: Targets
  ) {
    text = SequenceTokens(
      identity: identity, tokens: tokens, fragments: fragments, lossMask: lossMask)
    self.targets = targets
  }

  /// What the sequence's random numbers are addressed by.
  public var identity: UInt64 { text.identity }
  /// The token ids of all fragments, in order.
  public var tokens: [Int32] { text.tokens }
  /// The token count of each fragment.
  public var fragments: [Int] { text.fragments }
  /// Per record, whether it counts in the loss; nil when all do.
  public var lossMask: [Bool]? { text.lossMask }
}
