import Base

/// The layout of a file, as parsing its beginning tells it.
enum ContentGuess: Equatable {
  /// Prose, or anything else that is read as it stands.
  case text
  /// JSON objects, one or more a line.
  case lines
  /// One JSON object, and nothing else.
  case loneObject
  /// JSON objects that do not keep to lines, one after the other.
  case objects
  /// A JSON array of objects.
  case array
  /// JSON that holds no records, in words.
  case noRecords(String)
  /// A text that begins as JSON and goes on as something else.
  case broken(line: Int, reason: String)

  /// The length of the beginning that is looked at, in bytes.
  static let span = 1 << 20

  /// The guess from the first bytes, which are all where `isWhole`.
  ///
  /// A text may begin with a bracket, or with a line that happens to be JSON: it is JSON when the
  /// first value parses and what follows it is JSON too.
  init(_ bytes: [UInt8], isWhole: Bool) {
    self = bytes.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer)
      guard let first = scanner.peek(), "{[".utf8.contains(first) else { return .text }
      let start = scanner.offset
      do throws(JSONSyntaxError) {
        try scanner.skipUnread()
      } catch {
        // A value that goes on beyond the span is JSON as far as anybody can see.
        let isCut = !isWhole && error.offset + 64 >= bytes.count
        if isCut { return Self.of(first, from: start, to: bytes.count, bytes) }
        return Self.isLikeJSON(buffer, from: start)
          ? .broken(line: Self.line(of: error.offset, in: bytes), reason: "\(error)") : .text
      }
      return Self.of(first, from: start, &scanner, bytes, isWhole: isWhole)
    }
  }

  /// The layout of a first value that is whole, by what follows it.
  private static func of(
    _ first: UInt8, from start: Int, _ scanner: inout JSONScanner, _ bytes: [UInt8], isWhole: Bool
  ) -> ContentGuess {
    let end = scanner.offset
    let next = Self.next(&scanner)
    let isOnSameLine = !bytes[end..<scanner.offset].contains { $0 == 0x0A || $0 == 0x0D }
    switch next {
    case nil where isWhole && first == UInt8(ascii: "{"): return .loneObject
    case nil: return of(first, from: start, to: end, bytes)
    case first where first == UInt8(ascii: "{"):
      return isOnSameLine ? .objects : of(first, from: start, to: end, bytes)
    case first where !isOnSameLine: return .noRecords("lines that are JSON arrays")
    case UInt8(ascii: ",") where first == UInt8(ascii: "{"):
      return .broken(
        line: line(of: scanner.offset, in: bytes), reason: "a comma follows an object")
    default: return .text
    }
  }

  /// The byte after the space, and after the marks that joined files have in their middle.
  private static func next(_ scanner: inout JSONScanner) -> UInt8? {
    while let byte = scanner.peek() {
      guard [0xEF, 0xBB, 0xBF].contains(byte) else { return byte }
      scanner.advance(1)
    }
    return nil
  }

  private static func of(
    _ first: UInt8, from start: Int, to end: Int, _ bytes: [UInt8]
  ) -> ContentGuess {
    if first == UInt8(ascii: "{") {
      return bytes[start..<end].contains(0x0A) ? .objects : .lines
    }
    let element = bytes[(start + 1)...].first { !JSONRecord.isBlank($0) }
    switch element {
    case UInt8(ascii: "{"), UInt8(ascii: "]"): return .array
    case UInt8(ascii: "["): return .noRecords("a JSON array of arrays")
    case UInt8(ascii: "\""): return .noRecords("a JSON array of strings")
    default: return .noRecords("a JSON array whose elements are no objects")
    }
  }

  /// Whether what does not parse begins as records do: a brace, a key in quotes and a colon.
  private static func isLikeJSON(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
    var rest = bytes[start...].prefix(4096)
    func pass(_ byte: Character) -> Bool {
      rest = rest.drop { JSONRecord.isBlank($0) }
      guard rest.first == byte.asciiValue else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = pass("[")
    guard pass("{") else { return false }
    // Python writes its dictionaries with single quotes.
    let quote: Character = pass("'") ? "'" : "\""
    guard quote == "'" || pass("\"") else { return false }
    rest = rest.drop { $0 != quote.asciiValue && $0 != 0x0A }
    return pass(quote) && pass(":")
  }

  /// The line of a place, from 1.
  private static func line(of offset: Int, in bytes: [UInt8]) -> Int {
    1 + bytes.prefix(offset).count { $0 == 0x0A }
  }
}
