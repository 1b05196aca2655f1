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
    case UInt8(ascii: "{"): try skipList(close: UInt8(ascii: "}"), hasKeys: true, depth: depth)
    case UInt8(ascii: "["): try skipList(close: UInt8(ascii: "]"), hasKeys: false, depth: depth)
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "n") where literal("null"): return
    case UInt8(ascii: "t") where literal("true"): return
    case UInt8(ascii: "f") where literal("false"): return
    default: try skipNumber()
    }
  }

  private mutating func skipList(
    close: UInt8, hasKeys: Bool, depth: Int
  ) throws(JSONSyntaxError) {
    advance(1)
    if peek() == close { return advance(1) }
    while true {
      if hasKeys {
        guard peek() == UInt8(ascii: "\"") else { throw failure("expected a key") }
        try skipString()
        try expect(UInt8(ascii: ":"))
      }
      try skipValue(depth: depth - 1)
      if peek() == close { return advance(1) }
      try expect(UInt8(ascii: ","))
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
