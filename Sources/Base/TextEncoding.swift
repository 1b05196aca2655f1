/// The encoding of a text, as its first bytes tell it.
package enum TextEncoding {
  /// The byte order mark of UTF-8.
  package static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The bytes without a byte order mark at their start.
  package static func withoutMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
  }

  /// The encoding besides UTF-8 that the first bytes tell of, by iconv's name; nil for none.
  package static func besidesUTF8(_ bytes: some Collection<UInt8>) -> String? {
    let bytes = Array(bytes.prefix(512))
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      return "UTF-32"
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    return nameByZeros(bytes)
  }

  /// Without a mark, Latin letters in wide units have zeros at regular places.
  private static func nameByZeros(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 4 else { return nil }
    let zeros = (0..<4).map { place in
      stride(from: place, to: bytes.count, by: 4).count { bytes[$0] == 0 }
    }
    let (many, few) = (bytes.count / 4 * 3 / 4, bytes.count / 40)
    let isMany = zeros.map { $0 >= max(1, many) }
    let isFew = zeros.map { $0 <= few }
    if isMany[1] && isMany[2] && (isMany[0] != isMany[3]) && (isFew[0] || isFew[3]) {
      return isMany[3] ? "UTF-32LE" : "UTF-32BE"
    }
    if isMany[1] && isMany[3] && isFew[0] && isFew[2] { return "UTF-16LE" }
    if isMany[0] && isMany[2] && isFew[1] && isFew[3] { return "UTF-16BE" }
    return nil
  }
}
