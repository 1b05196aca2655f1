import Base

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
