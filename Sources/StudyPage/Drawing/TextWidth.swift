/// The rough widths of texts: which font will show them is not known.
enum TextWidth {
  /// The width in pixels at a font size; generous for most system fonts.
  static func of(_ text: String, size: Double = 12) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ems($1) } * size
  }

  /// The text, its middle left out as far as a width demands.
  static func fit(_ text: String, width: Double, size: Double = 12) -> String {
    guard of(text, size: size) > width else { return text }
    let characters = Array(text)
    // The ends of names tell more than their middles.
    for kept in stride(from: characters.count - 1, to: 1, by: -1) {
      let head = characters[..<((kept + 1) / 2)]
      let short = String(head) + "…" + String(characters[(characters.count - kept / 2)...])
      if of(short, size: size) <= width { return short }
    }
    return "…"
  }

  private static func ems(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "t", "f", "r", ".", ",", ":", ";", "|", "!", "(", ")", " ", "-": 0.36
    case "m", "w", "M", "W", "@", "%": 0.9
    case "A"..."Z": 0.68
    case "\u{1100}"..."\u{115F}", "\u{2E80}"..."\u{A4CF}", "\u{AC00}"..."\u{D7A3}",
      "\u{F900}"..."\u{FAFF}", "\u{FF00}"..."\u{FF60}", "\u{1F000}"..."\u{3FFFF}":
      1
    default: 0.58
    }
  }
}
