import Base

/// A running SHA-256 over packed sequences in order: tokens, fragments and masks.
package struct SequenceDigest: Sendable {
  private var digest = Digest()

  /// The digest of no sequences.
  package init() {}

  /// Adds a sequence: little-endian 32-bit counts and values, then a byte for each masked place.
  package mutating func append(_ sequence: PackedSequence) {
    let fragments = sequence.fragments.map { Int32(truncatingIfNeeded: $0) }
    let mask = sequence.lossMask ?? []
    let counts = [sequence.tokens.count, fragments.count, mask.count]
    update(counts.map { Int32(truncatingIfNeeded: $0) })
    update(sequence.tokens)
    update(fragments)
    digest.append(mask.map { $0 ? 1 : 0 } as [UInt8])
  }

  private mutating func update(_ values: [Int32]) {
    values.map(\.littleEndian).withUnsafeBytes { digest.append($0) }
  }

  /// The digest so far, in hexadecimal.
  package func hexadecimal() -> String { digest.hexadecimal }
}
