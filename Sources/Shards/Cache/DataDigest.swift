import Base

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
