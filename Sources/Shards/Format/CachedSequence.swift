/// A training sequence with the teacher's targets, as a cache stores it: one frame.
public struct CachedSequence: Sendable, Equatable {
  /// The tokens, fragments and mask.
  public let text: SequenceTokens
  /// The independent draws of the teacher's targets, at least one, each with a row a record.
  public let draws: [Targets]

  /// A sequence and the draws of its targets.
  public init(text: SequenceTokens, draws: [Targets]) {
    precondition(!draws.isEmpty, "a cached sequence has targets")
    self.text = text
    self.draws = draws
  }

  /// A sequence and its targets.
  public init(text: SequenceTokens, targets: Targets) { self.init(text: text, draws: [targets]) }

  /// A sequence from its parts.
  public init(
    identity: UInt64, tokens: [Int32], fragments: [Int], lossMask: [Bool]? = nil, targets: Targets
  ) {
    let text = SequenceTokens(
      identity: identity, tokens: tokens, fragments: fragments, lossMask: lossMask)
    self.init(text: text, targets: targets)
  }

  /// The first draw of the teacher's targets.
  public var targets: Targets { draws[0] }

  /// The address of the sequence's random numbers.
  public var identity: UInt64 { text.identity }
  /// The token ids of all fragments, in order.
  public var tokens: [Int32] { text.tokens }
  /// The token count of each fragment.
  public var fragments: [Int] { text.fragments }
  /// Per record, whether it counts in the loss; nil when all do.
  public var lossMask: [Bool]? { text.lossMask }
}
