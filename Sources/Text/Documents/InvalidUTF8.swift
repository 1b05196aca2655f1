/// Finding where bytes stop being UTF-8, and guessing what they are instead.
enum InvalidUTF8 {
  /// The error for a text file that is not UTF-8.
  static func error(in bytes: [UInt8], path: String) -> DocumentError {
    let valid = validPrefix(of: bytes)
    let line = 1 + bytes[..<valid].count { $0 == UInt8(ascii: "\n") }
    return .notUTF8(path: path, line: line, hint: hint(bytes))
  }

  /// The number of bytes before the first that is not part of a scalar.
  private static func validPrefix(of bytes: [UInt8]) -> Int {
    var (decoder, iterator, count) = (UTF8(), bytes.makeIterator(), 0)
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { count += UTF8.width(scalar) }
    return count
  }

  private static func hint(_ bytes: [UInt8]) -> String {
    bytes.prefix(4096).contains(0) ? " (it looks like binary data)" : ""
  }
}
