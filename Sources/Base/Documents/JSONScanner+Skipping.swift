/// Passing over values without building them, judged as strictly as if they were read.
extension JSONScanner {
  /// Consumes a string and returns the range of its bytes; nil, and nothing consumed, with escapes.
  package mutating func plainString() throws(JSONSyntaxError) -> Range<Int>? {
    try expect(UInt8(ascii: "\""))
    let start = offset
    let isASCII = try skipPlain()
    if current == UInt8(ascii: "\\") {
      self = JSONScanner(self, at: start - 1)
      return nil
    }
    let range = start..<offset
    try expectQuote()
    if !isASCII, String(validating: bytes[range], as: UTF8.self) == nil {
      throw failure("a string that is not UTF-8")
    }
    return range
  }

  /// Consumes any value that nests at most `depth` deep, and keeps nothing of it.
  package mutating func skipValue(depth: Int) throws(JSONSyntaxError) {
    if depth == 0 { throw failure("nested too deeply") }
    switch peek() {
    case UInt8(ascii: "{"):
      try skipList(close: UInt8(ascii: "}")) { scanner throws(JSONSyntaxError) in
        guard scanner.peek() == UInt8(ascii: "\"") else { throw scanner.failure("expected a key") }
        try scanner.skipString()
        try scanner.expect(UInt8(ascii: ":"))
        try scanner.skipValue(depth: depth - 1)
      }
    case UInt8(ascii: "["):
      try skipList(close: UInt8(ascii: "]")) { scanner throws(JSONSyntaxError) in
        try scanner.skipValue(depth: depth - 1)
      }
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "n") where literal("null"): return
    case UInt8(ascii: "t") where literal("true"): return
    case UInt8(ascii: "f") where literal("false"): return
    default: try skipNumber()
    }
  }

  private mutating func skipString() throws(JSONSyntaxError) {
    if try plainString() == nil { _ = try string() }
  }

  private mutating func skipNumber() throws(JSONSyntaxError) {
    let start = offset
    if current == UInt8(ascii: "-") { advance(1) }
    let isPadded = current == UInt8(ascii: "0")
    let whole = skipDigits()
    var isSound = whole == 1 || (whole > 1 && !isPadded)
    if current == UInt8(ascii: ".") {
      advance(1)
      isSound = skipDigits() > 0 && isSound
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      advance(1)
      if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") { advance(1) }
      isSound = skipDigits() > 0 && isSound
    }
    guard isSound else {
      self = JSONScanner(self, at: start)
      throw failure("expected a value")
    }
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while let byte = current, isDigit(byte) { advance(1) }
    return offset - start
  }
}

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
      try skipList(close: UInt8(ascii: "}")) { scanner throws(JSONSyntaxError) in
        try scanner.skipKey()
        try scanner.skipUnread(depth: depth - 1)
      }
    case UInt8(ascii: "["):
      try skipList(close: UInt8(ascii: "]")) { scanner throws(JSONSyntaxError) in
        try scanner.skipUnread(depth: depth - 1)
      }
    case UInt8(ascii: "\""): try skipUnreadString()
    case nil: throw failure("the text ends where a value should be")
    default: try skipWord()
    }
  }

  /// Consumes an object whose keys may be any; `member` must consume the value of each.
  mutating func object(
    anyKey member: (inout JSONScanner, String) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    guard peek() == UInt8(ascii: "{") else { throw failure("expected '{'") }
    try skipList(close: UInt8(ascii: "}")) { scanner throws(JSONSyntaxError) in
      try member(&scanner, scanner.anyKey())
    }
  }

  /// Consumes a key and its colon, and gives the key; one that is no text becomes U+FFFD.
  private mutating func anyKey() throws(JSONSyntaxError) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw failure("expected a key") }
    let start = offset
    try skipUnreadString()
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
      case UInt8(ascii: "\""): try skipUnreadString()
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
    try skipUnreadString()
    try expect(UInt8(ascii: ":"))
  }

  private mutating func skipList(
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
  private mutating func skipUnreadString() throws(JSONSyntaxError) {
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
