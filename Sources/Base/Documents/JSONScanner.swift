/// A breach of JSON's grammar, and its place in the document.
package struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
  /// The byte at which reading stopped.
  package var offset: Int
  /// The problem: what was expected there, or found.
  package var problem: String

  /// One phrase for an error message.
  package var description: String { "\(problem) at byte \(offset)" }
}

/// A number as JSON writes it: whole, or not.
package enum JSONNumber: Sendable, Equatable {
  /// Written without fraction and exponent, and within `Int`.
  case int(Int)
  /// Any other.
  case double(Double)
}

/// A strict pull parser over the bytes of one JSON document (RFC 8259).
///
/// Foundation's parsers take duplicate keys in silence; here the caller sees every key. Nothing is
/// built that the caller does not ask for, so that a header of a million entries stays cheap.
package struct JSONScanner {
  /// The document.
  let bytes: UnsafeRawBufferPointer
  package private(set) var offset = 0
  /// Whether numbers beyond all bounds are read as infinities, as Python reads them.
  var takesInfinities = false
  /// Whether values that are built have no key twice, however many members an object has.
  package var checksAllKeys = false

  /// A scanner at the first byte; the bytes must outlive it.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// A scanner of the same bytes at another place.
  package init(_ other: JSONScanner, at offset: Int) {
    bytes = other.bytes
    self.offset = offset
  }

  /// The byte that is next, white space or not; nil at the end.
  var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// Passes over bytes, not beyond the end.
  package mutating func advance(_ count: Int) { offset = min(bytes.count, offset + count) }

  /// The bytes from a place to here as text.
  func text(from start: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
  }

  /// An error at the current byte.
  package func failure(_ problem: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: offset, problem: problem)
  }

  /// The next byte that is no white space; nil at the end.
  package mutating func peek() -> UInt8? {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      case let byte: return byte
      }
    }
    return nil
  }

  /// Consumes a byte of punctuation.
  package mutating func expect(_ byte: UInt8) throws(JSONSyntaxError) {
    guard peek() == byte else {
      throw failure("expected '\(Character(Unicode.Scalar(byte)))'")
    }
    offset += 1
  }

  /// Consumes the end of the document.
  package mutating func expectEnd() throws(JSONSyntaxError) {
    if peek() != nil { throw failure("expected the end of the document") }
  }

  /// Consumes an object; `member` must consume the value of the key that it gets.
  package mutating func object(_ member: (inout JSONScanner, String) throws -> Void) throws {
    try members { scanner in
      let key = try scanner.string()
      try scanner.expect(UInt8(ascii: ":"))
      try member(&scanner, key)
    }
  }

  /// Consumes an object; `member` must consume a key, its colon and its value.
  package mutating func members(_ member: (inout JSONScanner) throws -> Void) throws {
    try list(open: UInt8(ascii: "{"), close: UInt8(ascii: "}")) { scanner in
      guard scanner.peek() == UInt8(ascii: "\"") else { throw scanner.failure("expected a key") }
      try member(&scanner)
    }
  }

  /// Consumes an array; `element` must consume one value.
  package mutating func array(_ element: (inout JSONScanner) throws -> Void) throws {
    try list(open: UInt8(ascii: "["), close: UInt8(ascii: "]"), element)
  }

  private mutating func list(
    open: UInt8, close: UInt8, _ element: (inout JSONScanner) throws -> Void
  ) throws {
    try expect(open)
    if peek() == close {
      offset += 1
      return
    }
    while true {
      try element(&self)
      if peek() == close { break }
      try expect(UInt8(ascii: ","))
    }
    offset += 1
  }

  /// Consumes a whole number without sign, fraction or exponent that fits an `Int`.
  package mutating func unsigned() throws(JSONSyntaxError) -> Int {
    guard let first = peek(), isDigit(first) else { throw failure("expected a whole number") }
    var (value, overflow, end) = (0, false, offset)
    while end < bytes.count, isDigit(bytes[end]), !overflow {
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      (value, overflow) = product.addingReportingOverflow(Int(bytes[end] &- 0x30))
      overflow = overflow || isTooLarge
      end += 1
    }
    if overflow { throw failure("a number that is too large") }
    let isPadded = first == UInt8(ascii: "0") && end - offset > 1
    if isPadded || (end < bytes.count && ".eE+-".utf8.contains(bytes[end])) {
      throw failure("expected a whole number")
    }
    offset = end
    return value
  }

  /// Whether a byte is one of 0 to 9.
  func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// Consumes a number: an int where it is written as one and fits, else a double.
  package mutating func number() throws(JSONSyntaxError) -> JSONNumber {
    if let count = digits() { return .int(count) }
    guard let text = numberText(), isNumber(text), let double = Double(text) else {
      throw failure("expected a value")
    }
    guard double.isFinite || takesInfinities else { throw failure("\(text) is too large") }
    let isWhole = !text.contains { ".eE".contains($0) }
    return isWhole ? Int(text).map(JSONNumber.int) ?? .double(double) : .double(double)
  }

  /// Consumes a literal such as `true`; false if something else is there.
  package mutating func literal(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard peek() != nil, bytes.count - offset >= count else { return false }
    for index in 0..<count where bytes[offset + index] != word.utf8Start[index] { return false }
    offset += count
    return true
  }

  /// Consumes digits that are a number by themselves, as nearly all are; nil where it takes more
  /// than a look to tell.
  private mutating func digits() -> Int? {
    guard peek() != nil else { return nil }
    var (value, end) = (0, offset)
    while end < bytes.count, isDigit(bytes[end]), end - offset < 18 {
      value = 10 * value + Int(bytes[end] &- 0x30)
      end += 1
    }
    guard end > offset, end - offset == 1 || bytes[offset] != UInt8(ascii: "0"),
      end < bytes.count, endsNumber(bytes[end])
    else { return nil }
    offset = end
    return value
  }

  private func endsNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), 0x20, 0x09, 0x0A, 0x0D: true
    default: false
    }
  }

  private mutating func numberText() -> String? {
    guard peek() != nil else { return nil }
    let start = offset
    while offset < bytes.count, "+-.0123456789eE".utf8.contains(bytes[offset]) { offset += 1 }
    return text(from: start)
  }

  // The grammar that Double(_:) does not enforce: no "+1", "01", ".5", "1.".
  private func isNumber(_ text: String) -> Bool {
    let magnitude = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let digits = magnitude.prefix { ("0"..."9").contains($0) }
    if digits.isEmpty || (digits.count > 1 && digits.hasPrefix("0")) { return false }
    let rest = magnitude.dropFirst(digits.count)
    return !rest.hasPrefix(".") || rest.dropFirst().first.map { ("0"..."9").contains($0) } == true
  }
}

extension JSONScanner {
  /// Consumes a string, its escapes resolved.
  package mutating func string() throws(JSONSyntaxError) -> String {
    try expect(UInt8(ascii: "\""))
    let start = offset
    let isASCII = try skipPlain()
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "\\") {
      return try escapedString(from: start)
    }
    let text = bytes[start..<offset]
    try expectQuote()
    // Several times as fast as validating.
    if isASCII { return String(decoding: UnsafeRawBufferPointer(rebasing: text), as: UTF8.self) }
    guard let valid = String(validating: text, as: UTF8.self) else {
      throw failure("a string that is not UTF-8")
    }
    return valid
  }

  private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
    var (text, start) = ([UInt8](), start)
    while offset < bytes.count, bytes[offset] == UInt8(ascii: "\\") {
      text += bytes[start..<offset]
      text += try escape().utf8
      start = offset
      try skipPlain()
    }
    text += bytes[start..<offset]
    try expectQuote()
    guard let valid = String(validating: text, as: UTF8.self) else {
      throw failure("a string that is not UTF-8")
    }
    return valid
  }

  /// Passes over a string's bytes up to a quote, an escape or the end; whether all are ASCII.
  @discardableResult
  mutating func skipPlain() throws(JSONSyntaxError) -> Bool {
    var all: UInt8 = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
      if byte < 0x20 { throw failure("a control character inside a string") }
      all |= byte
      offset += 1
    }
    return all < 0x80
  }

  /// Consumes the quote that ends a string.
  mutating func expectQuote() throws(JSONSyntaxError) {
    guard offset < bytes.count else { throw failure("a string without its end") }
    offset += 1
  }

  private mutating func escape() throws(JSONSyntaxError) -> String {
    guard bytes.count - offset >= 2 else { throw failure("an escape without its end") }
    let text: String
    switch Character(Unicode.Scalar(bytes[offset + 1])) {
    case "u": return try unicodeEscape()
    case "b": text = "\u{8}"
    case "f": text = "\u{C}"
    case "n": text = "\n"
    case "r": text = "\r"
    case "t": text = "\t"
    case let same where "\"\\/".contains(same): text = String(same)
    default: throw failure("an unknown escape")
    }
    offset += 2
    return text
  }

  private mutating func unicodeEscape() throws(JSONSyntaxError) -> String {
    let start = offset
    var units = [try codeUnit()]
    if UTF16.isLeadSurrogate(units[0]), current == UInt8(ascii: "\\"),
      offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "u")
    {
      units.append(try codeUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      offset = min(offset, start + 6)
      throw failure("the lone surrogate \(self.text(from: start)), half a character, ends")
    }
    return text
  }

  private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
    guard bytes.count - offset >= 6, bytes[offset] == UInt8(ascii: "\\"),
      bytes[offset + 1] == UInt8(ascii: "u")
    else { throw failure("an escape without its end") }
    var value: UInt16 = 0
    for byte in bytes[(offset + 2)..<(offset + 6)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("an unknown escape")
      }
      value = value << 4 | UInt16(digit)
    }
    offset += 6
    return value
  }
}
