import Crypto
package import Foundation

/// A running SHA-256.
package struct Digest: Sendable {
  private var hash = SHA256()

  /// The digest of no bytes.
  package init() {}

  /// The digest of some bytes.
  package init(of bytes: some ContiguousBytes) { append(bytes) }

  /// The digest of some texts, each with its length before it.
  package init(of texts: [String]) {
    for text in texts { append(Array("\(text.utf8.count):\(text)\n".utf8)) }
  }

  /// Adds the bytes that come next.
  package mutating func append(_ bytes: some ContiguousBytes) {
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  /// The 32 bytes of the digest so far.
  package var bytes: [UInt8] { Array(hash.finalize()) }

  /// The first 8 bytes of the digest as a little-endian number.
  package var number: UInt64 { bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  /// The digest so far as 64 hexadecimal digits.
  package var hexadecimal: String { bytes.hexadecimal }
}

extension Digest {
  /// The bytes that `data_fingerprint` hashes of a sequence (docs/format.md, "Manifest"): the three
  /// counts and the values as little-endian 32-bit numbers, then a byte for each record, if there is
  /// a mask.
  package static func bytes(tokens: [Int32], fragments: [Int], mask: [Bool]?) -> [UInt8] {
    let mask = mask ?? []
    let counts = [tokens.count, fragments.count, mask.count]
    let values =
      counts.map { Int32(truncatingIfNeeded: $0) } + tokens
      + fragments.map { Int32(truncatingIfNeeded: $0) }
    return values.map(\.littleEndian).withUnsafeBytes { Array($0) } + mask.map { $0 ? 1 : 0 }
  }
}

extension Sequence<UInt8> {
  /// The bytes as lowercase hexadecimal digits.
  package var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension UInt64 {
  /// The number as 16 lowercase hexadecimal digits, the highest first.
  package var hexadecimal: String {
    withUnsafeBytes(of: bigEndian) { Array($0).hexadecimal }
  }
}
