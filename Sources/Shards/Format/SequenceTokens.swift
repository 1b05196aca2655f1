import Base

/// A training sequence without its targets: tokens, document fragments and an optional loss mask.
public struct SequenceTokens: Sendable, Equatable {
  /// What the sequence's random numbers are addressed by; it survives merging.
  public let identity: UInt64
  /// The token ids of all fragments, in order.
  public let tokens: [Int32]
  /// The token count of each fragment, each at least 2; a fragment of m tokens has m − 1 records.
  public let fragments: [Int]
  /// Per record, whether it counts in the loss; nil when all do.
  public let lossMask: [Bool]?

  /// A sequence of the given identity.
  public init(identity: UInt64, tokens: [Int32], fragments: [Int], lossMask: [Bool]? = nil) {
    self.identity = identity
    self.tokens = tokens
    self.fragments = fragments
    self.lossMask = lossMask
  }

  /// The number of records: tokens less one for each fragment.
  public var recordCount: Int { tokens.count - fragments.count }

  /// The identity of the sequence with this number in its capture.
  ///
  /// The first 8 bytes, little-endian, of SHA-256 over (ordinal, token count, fragment count as
  /// UInt64; tokens as Int32; fragments as UInt64), all little-endian.
  public static func identity(ordinal: Int, tokens: [Int32], fragments: [Int]) -> UInt64 {
    var bytes = ByteWriter()
    bytes.append(UInt64(ordinal))
    bytes.append(UInt64(tokens.count))
    bytes.append(UInt64(fragments.count))
    for token in tokens { bytes.append(UInt32(bitPattern: token)) }
    for fragment in fragments { bytes.append(UInt64(fragment)) }
    return Digest(of: bytes.bytes).bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Checks that lengths agree and ids lie within the vocabulary; throws `invalidSequence`.
  func validate(vocabularySize: Int) throws(ShardError) {
    guard fragments.allSatisfy({ $0 >= 2 && $0 <= tokens.count }),
      fragments.reduce(0, +) == tokens.count
    else { throw .invalidSequence(reason: "its fragments do not add up to its tokens") }
    guard tokens.allSatisfy({ $0 >= 0 && $0 < vocabularySize }) else {
      throw .invalidSequence(reason: "a token id lies outside the vocabulary of \(vocabularySize)")
    }
    guard lossMask == nil || lossMask?.count == recordCount else {
      throw .invalidSequence(reason: "its loss mask is not as long as its records")
    }
  }
}
