/// Text of others (names, keys, tokens) as it may go to a terminal.
extension String {
  /// The text with every character escaped that would act on a terminal or reorder what is read: C0
  /// and C1 controls, line and paragraph separators, bidirectional marks (Unicode TR 9, TR 36).
  ///
  /// - Parameter kept: Controls that stay, such as the line breaks of a text of many lines.
  /// - Returns: The text, with escapes as Swift writes them.
  package func visible(keeping kept: Set<Unicode.Scalar> = []) -> String {
    guard unicodeScalars.contains(where: { $0.isActive && !kept.contains($0) }) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isActive, !kept.contains(scalar) {
        text.append(contentsOf: scalar.escape.unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }

  /// The text with at most so many characters, its middle left out; both ends, where the place and
  /// the remedy stand, stay.
  package func cut(to count: Int) -> String {
    // UTF-8 is never shorter than the text, and known at once.
    guard utf8.count > count, unicodeScalars.count > count else { return self }
    let head = max(1, count * 3 / 5)
    let (start, end) = (unicodeScalars.prefix(head), unicodeScalars.suffix(count - head - 1))
    return String(start) + "…" + String(end)
  }

  /// One line for a terminal: visible, each of its words and the whole of bounded length.
  public var line: String {
    // What is cut away need not be looked at: a line can be as long as a file.
    let short = cut(to: 1 << 16).visible()
    let words = short.split(separator: " ", omittingEmptySubsequences: false)
    return words.map { String($0).cut(to: 200) }.joined(separator: " ").cut(to: 1_600)
  }
}

extension Unicode.Scalar {
  /// Whether it acts on a terminal or reorders text, rather than showing.
  fileprivate var isActive: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F, 0xFEFF:
      true
    case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
    default: false
    }
  }

  /// Its escape as in JSON.
  fileprivate var escape: String {
    switch self {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default:
      let digits = String(value, radix: 16)
      return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
  }
}
