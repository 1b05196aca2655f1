import Base

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

/// A training sequence without its targets: tokens, document fragments and an optional loss mask.
public struct SequenceTokens: Sendable, Equatable {
  /// The address of the sequence's random numbers; it survives merging.
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
    bytes.appendMemory(tokens)
    for fragment in fragments { bytes.append(UInt64(fragment)) }
    return Digest(of: bytes.bytes).number
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

/// A running SHA-256 over the texts of a part's sequences in order: tokens, fragments and masks.
///
/// It is the digest that packed data are known by, `data_fingerprint` (docs/format.md, "Manifest").
package struct DataDigest: Sendable {
  private var hash = Digest()

  /// The digest of no sequences.
  package init() {}

  /// Adds the sequence that comes next.
  package mutating func append(_ text: SequenceTokens) { hash.append(Self.bytes(of: text)) }

  /// Adds what `bytes(of:)` made of the sequence that comes next.
  mutating func append(_ bytes: [UInt8]) { hash.append(bytes) }

  /// The digest so far in hexadecimal.
  package var hexadecimal: String { hash.hexadecimal }

  /// The bytes that are hashed of a sequence.
  static func bytes(of text: SequenceTokens) -> [UInt8] {
    Digest.bytes(tokens: text.tokens, fragments: text.fragments, mask: text.lossMask)
  }

  /// Whether a fingerprint is of the kind that this digest makes; a writer may have used others.
  static func made(_ fingerprint: String) -> Bool {
    fingerprint.utf8.count == 64
      && fingerprint.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
