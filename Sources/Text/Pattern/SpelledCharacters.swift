/// The characters beyond ASCII that a regular expression spells out, alone or as ends of ranges.
enum SpelledCharacters {
  /// The ranges of code points; too many rather than too few.
  static func ranges(in pattern: String) -> [ClosedRange<UInt32>] {
    let points = codePoints(pattern)
    var (ranges, index) = ([ClosedRange<UInt32>](), 0)
    while index < points.count {
      let first = points[index]
      if index + 2 < points.count, points[index + 1] == 0x2D, first <= points[index + 2],
        points[index + 2] >= 0x80
      {
        ranges.append(max(first, 0x80)...points[index + 2])
        index += 3
      } else {
        if first >= 0x80 { ranges.append(first...first) }
        index += 1
      }
    }
    return ranges
  }

  /// The pattern's scalars, `\x{…}`, `\xHH` and `\uHHHH` as what they stand for.
  private static func codePoints(_ pattern: String) -> [UInt32] {
    var (points, rest) = ([UInt32](), Array(pattern.unicodeScalars)[...])
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let kind = rest.first, kind == "x" || kind == "u" else {
        points.append(scalar.value)
        continue
      }
      rest.removeFirst()
      let isBraced = rest.first == "{"
      if isBraced { rest.removeFirst() }
      let digits = rest.prefix(isBraced ? 8 : kind == "u" ? 4 : 2).prefix {
        $0.properties.isASCIIHexDigit
      }
      rest = rest.dropFirst(digits.count + (isBraced ? 1 : 0))
      points.append(UInt32(String(String.UnicodeScalarView(digits)), radix: 16) ?? 0)
    }
    return points
  }
}
