/// A training sequence: one or several document fragments laid end to end.
///
/// Each fragment of m tokens gives m − 1 inputs (all but its last token) and m − 1 labels (all but
/// its first). Fragments do not see each other: positions, chunks and temperature indices count
/// from a fragment's start. Where a window cuts a document, the token at the cut is the last label
/// of one sequence and the first input of the next, so that no prediction is lost.
public struct PackedSequence: Sendable, Equatable {
  /// The token ids of all fragments, in order.
  public var tokens: [Int32]
  /// The token count of each fragment, each at least 2; they sum to `tokens.count`.
  public var fragments: [Int]
  /// Per prediction, whether it counts in the loss; nil when all do.
  public var lossMask: [Bool]?
  /// The document it holds or is a part of; nil where it may hold several.
  public var origin: DocumentOrigin?

  /// A sequence from its tokens, the fragments' lengths and an optional mask.
  public init(tokens: [Int32], fragments: [Int], lossMask: [Bool]? = nil) {
    self.tokens = tokens
    self.fragments = fragments
    self.lossMask = lossMask
  }

  /// The number of predictions: tokens less one for each fragment.
  public var predictionCount: Int { tokens.count - fragments.count }

  /// The number of predictions that count in the loss.
  package var countedCount: Int { lossMask.map { $0.count { $0 } } ?? predictionCount }

  /// The input tokens, one for each prediction.
  package var inputs: [Int32] { withoutOne(of: \.last) }

  /// The token that each prediction should have given.
  public var labels: [Int32] { withoutOne(of: \.first) }

  /// The index of each input within its fragment.
  public var positions: [Int32] { fragments.flatMap { (0..<Int32($0 - 1)).map { $0 } } }

  private func withoutOne(of end: KeyPath<Range<Int>, Int?>) -> [Int32] {
    var (start, kept) = (0, [Int32]())
    kept.reserveCapacity(predictionCount)
    for count in fragments {
      let fragment = start..<(start + count)
      let dropped = fragment[keyPath: end]
      for index in fragment where index != dropped { kept.append(tokens[index]) }
      start += count
    }
    return kept
  }
}
