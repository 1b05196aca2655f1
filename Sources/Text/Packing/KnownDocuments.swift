/// Documents that are in a cache already, by hashes of their tokens.
///
/// If a window's last token is the next one's first, a document goes on, or one has ended and
/// another begins alike: both are known, and all that begins at one such edge and ends at another,
/// or at its own end. A document of which windows were left out, because its prompt covers them, is
/// not known again.
public struct KnownDocuments: Sendable {
  /// The most edges in a document at which another may begin, the newest ones.
  ///
  /// A window costs as many hashes; a cache of a hundred million tokens, three million of them.
  private static let edgeCount = 16

  private var hashes: Set<UInt64> = []
  /// The hashes of what has not ended, by where it may have begun.
  private var open: [UInt64] = []
  private var last: Int32?

  /// An empty collection.
  package init() {}

  /// Takes in the documents of the next sequence, as it was packed.
  public mutating func read(tokens: [Int32], fragments: [Int]) {
    var start = 0
    for (index, count) in fragments.enumerated() {
      let fragment = tokens[start..<(start + count)]
      start += count
      hashes.formUnion(open)
      let goesOn = index == 0 && last != nil && last == fragment.first
      open =
        (goesOn ? open.map { TokenHash.of(fragment.dropFirst(), after: $0) } : [])
        + [TokenHash.of(fragment)]
      if open.count > 1 + Self.edgeCount { open.remove(at: 1) }
      last = fragment.last
    }
  }

  /// Takes in the last document.
  public mutating func finish() {
    hashes.formUnion(open)
    open = []
    last = nil
  }

  /// Takes in a document.
  public mutating func insert(_ tokens: [Int32]) { hashes.insert(TokenHash.of(tokens)) }

  /// Takes in those of another collection.
  package mutating func formUnion(_ other: KnownDocuments) { hashes.formUnion(other.hashes) }

  /// Whether a document is known.
  public func contains(_ tokens: [Int32]) -> Bool { hashes.contains(TokenHash.of(tokens)) }
}
