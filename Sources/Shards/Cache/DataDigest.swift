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

  /// The bytes that are hashed of a sequence: the three counts and the values as little-endian
  /// 32-bit numbers, then a byte for each record, if there is a mask.
  static func bytes(of text: SequenceTokens) -> [UInt8] {
    let mask = text.lossMask ?? []
    var writer = ByteWriter()
    for count in [text.tokens.count, text.fragments.count, mask.count] {
      writer.append(UInt32(truncatingIfNeeded: count))
    }
    for token in text.tokens { writer.append(UInt32(bitPattern: token)) }
    for fragment in text.fragments { writer.append(UInt32(truncatingIfNeeded: fragment)) }
    return writer.bytes + mask.map { $0 ? 1 : 0 }
  }

  /// Whether a fingerprint is of the kind that this digest makes; a writer may have used others.
  static func made(_ fingerprint: String) -> Bool {
    fingerprint.utf8.count == 64
      && fingerprint.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
