public import Base

extension SplitMix64 {
  /// A text of awkward parts: line ends, marks, emoji, digits, special tokens, any scalar.
  public mutating func text() -> String {
    let parts = [
      "Hello", " world", "  ", "\t", "\n", "\r\n", "é", "e\u{301}", "ſ", "'s", "'LL", "123", "½",
      "日本語", "🙂", "👩‍👩‍👧", "\u{A0}", "\u{3000}", "\u{180E}", "\u{0}", "\u{FEFF}", "İ", "한",
      "<|im_start|>",
      "<tool>", "<|im", "//", String(repeating: "ab", count: 40), "the", "in", "\u{F73}",
    ]
    let scalars = (0..<Int.random(in: 0...12, using: &self)).map { _ -> String in
      if Int.random(in: 0..<4, using: &self) > 0 {
        return parts[Int.random(in: 0..<parts.count, using: &self)]
      }
      return Unicode.Scalar(UInt32.random(in: 0...0x2_FFFF, using: &self)).map(String.init) ?? "x"
    }
    return scalars.joined()
  }
}
