/// Looking at the characters next to a match in UTF-8 text.
enum WordBoundary {
  /// Whether no word character touches the match.
  static func isAlone(_ match: Range<Int>, in text: [UInt8], _ bounds: Range<Int>) -> Bool {
    let before = text.scalar(before: match.lowerBound, in: bounds).map(YoungCharacters.all.twin)
    let after = text.scalar(at: match.upperBound, in: bounds).map(YoungCharacters.all.twin)
    return before?.isWordCharacter != true && after?.isWordCharacter != true
  }
}

extension Unicode.Scalar {
  /// Whether this is white space by Unicode's property.
  var isBlank: Bool { properties.isWhitespace }

  /// Whether regular expressions count this as a word character (UTS 18, Annex C).
  var isWordCharacter: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: properties.isAlphabetic || properties.isJoinControl
    }
  }

  /// The number of bytes of this scalar in UTF-8.
  var utf8Count: Int { UTF8.width(self) }
}

extension [UInt8] {
  /// The scalar that starts at an offset of valid UTF-8, or nil at the end of the bounds.
  func scalar(at start: Int, in bounds: Range<Int>) -> Unicode.Scalar? {
    guard bounds.contains(start) else { return nil }
    var (decoder, iterator) = (UTF8(), self[start..<bounds.upperBound].makeIterator())
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return scalar
  }

  /// The scalar that ends at an offset of valid UTF-8, or nil at the start of the bounds.
  func scalar(before end: Int, in bounds: Range<Int>) -> Unicode.Scalar? {
    var start = end - 1
    while start > bounds.lowerBound, self[start] & 0xC0 == 0x80 { start -= 1 }
    return start < bounds.lowerBound ? nil : scalar(at: start, in: bounds.lowerBound..<end)
  }
}
