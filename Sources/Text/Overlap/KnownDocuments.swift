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

/// Hashes of tokens.
enum TokenHash {
  /// The hash of some tokens in their order.
  static func of(_ tokens: some Sequence<Int32>) -> UInt64 {
    of(tokens, after: 0x2545_F491_4F6C_DD1D)
  }

  /// The hash of tokens of which some had a hash already, with the others behind them.
  static func of(_ tokens: some Sequence<Int32>, after hash: UInt64) -> UInt64 {
    tokens.reduce(hash) { mixed($0 ^ UInt64(UInt32(bitPattern: $1))) }
  }

  /// Spreads a number over all 64 bits. (SplitMix64's finalizer.)
  static func mixed(_ number: UInt64) -> UInt64 {
    var z = number &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
