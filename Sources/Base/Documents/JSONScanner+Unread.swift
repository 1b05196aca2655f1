/// Passing over values that are not read.
extension JSONScanner {
  /// The nesting down to which commas and colons are looked at; beyond, only brackets count.
  package static let unreadDepth = 256

  /// Consumes any value and judges only its brackets, commas and quotes.
  ///
  /// Numbers of any size, `NaN`, `Infinity`, lone surrogates and bytes that are not UTF-8 pass:
  /// Python's writers make them, and a value that is not read cannot be wrong.
  package mutating func skipUnread(depth: Int = unreadDepth) throws(JSONSyntaxError) {
    if depth == 0 { return try skipBrackets() }
    switch peek() {
    case UInt8(ascii: "{"):
      try skipUnread(close: UInt8(ascii: "}")) { scanner throws(JSONSyntaxError) in
        try scanner.skipKey()
        try scanner.skipUnread(depth: depth - 1)
      }
    case UInt8(ascii: "["):
      try skipUnread(close: UInt8(ascii: "]")) { scanner throws(JSONSyntaxError) in
        try scanner.skipUnread(depth: depth - 1)
      }
    case UInt8(ascii: "\""): try skipString()
    case nil: throw failure("the text ends where a value should be")
    default: try skipWord()
    }
  }

  /// Consumes an object whose keys may be any; `member` must consume the value of each.
  mutating func object(
    anyKey member: (inout JSONScanner, String) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    guard peek() == UInt8(ascii: "{") else { throw failure("expected '{'") }
    try skipUnread(close: UInt8(ascii: "}")) { scanner throws(JSONSyntaxError) in
      try member(&scanner, scanner.anyKey())
    }
  }

  /// Consumes a key and its colon, and gives the key; one that is no text becomes U+FFFD.
  private mutating func anyKey() throws(JSONSyntaxError) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw failure("expected a key") }
    let start = offset
    try skipString()
    var key = JSONScanner(self, at: start)
    let text = (try? key.string()) ?? "\u{FFFD}"
    try expect(UInt8(ascii: ":"))
    return text
  }

  /// Consumes a value without recursion, by its brackets and strings alone.
  private mutating func skipBrackets() throws(JSONSyntaxError) {
    var open = 0
    repeat {
      switch peek() {
      case UInt8(ascii: "\""): try skipString()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open += 1
        advance(1)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        open -= 1
        advance(1)
      case UInt8(ascii: ","), UInt8(ascii: ":"): advance(1)
      default: try skipUnread(depth: 1)
      }
    } while open > 0
  }

  private mutating func skipKey() throws(JSONSyntaxError) {
    guard peek() == UInt8(ascii: "\"") else { throw failure("expected a key") }
    try skipString()
    try expect(UInt8(ascii: ":"))
  }

  private mutating func skipUnread(
    close: UInt8, _ element: (inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    advance(1)
    var isFirst = true
    while peek() != close {
      if !isFirst { try expect(UInt8(ascii: ",")) }
      try element(&self)
      isFirst = false
    }
    advance(1)
  }

  /// Consumes a string without looking at its characters.
  private mutating func skipString() throws(JSONSyntaxError) {
    advance(1)
    while let byte = current, byte != UInt8(ascii: "\"") {
      advance(byte == UInt8(ascii: "\\") ? 2 : 1)
    }
    guard current != nil else { throw failure("a string without its end") }
    advance(1)
  }

  private mutating func skipWord() throws(JSONSyntaxError) {
    let start = offset
    while let byte = current, Self.isOfWord(byte) { advance(1) }
    let word = text(from: start)
    let isKnown = ["null", "true", "false", "NaN", "Infinity", "-Infinity"].contains(word)
    let isNumber = word.drop { $0 == "-" }.first.map { ("0"..."9").contains($0) } ?? false
    guard isKnown || isNumber else {
      self = JSONScanner(self, at: start)
      throw failure("expected a value")
    }
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
  }
}
