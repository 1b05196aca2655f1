import Base

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

/// The document of a data set that a sequence is from.
public struct DocumentOrigin: Sendable, Equatable {
  /// The document's number among those in the data, from 0.
  package var index: Int
  /// The document's group, where the data has groups.
  package var group: String?
  /// The file, or `file:line`, that it is from.
  package var source: String

  /// A document's number, group and source.
  package init(index: Int, group: String? = nil, source: String = "") {
    self.index = index
    self.group = group
    self.source = source
  }
}

/// A running SHA-256 over packed sequences in order: tokens, fragments and masks.
package struct SequenceDigest: Sendable {
  private var digest = Digest()

  /// The digest of no sequences.
  package init() {}

  /// Adds a sequence.
  package mutating func append(_ sequence: PackedSequence) {
    digest.append(
      Digest.bytes(
        tokens: sequence.tokens, fragments: sequence.fragments, mask: sequence.lossMask))
  }

  /// The digest so far, in hexadecimal.
  package func hexadecimal() -> String { digest.hexadecimal }
}
