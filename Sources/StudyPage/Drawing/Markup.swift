/// Text as it may stand in HTML and in SVG, both written as well-formed XML.
enum Markup {
  /// The text with everything that means something to a parser replaced.
  ///
  /// Control characters, which XML has no place for, show as their pictures.
  static func escape(_ text: String) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count)
    for scalar in text.replacing("\r\n", with: "\n").unicodeScalars {
      append(scalar, to: &escaped)
    }
    return escaped
  }

  /// An element; its content is markup, its attributes' values are text.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String = ""
  ) -> String {
    let list = attributes.map { #" \#($0)="\#(escape($1))""# }.joined()
    return "<\(name)\(list)>\(content)</\(name)>"
  }

  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar {
    case "&": text += "&amp;"
    case "<": text += "&lt;"
    case ">": text += "&gt;"
    case "\"": text += "&quot;"
    case "'": text += "&#39;"
    case "\t", "\n": text.unicodeScalars.append(scalar)
    case "\0"..." ": text.unicodeScalars.append(picture(of: scalar))
    case "\u{7F}": text += "\u{2421}"
    case "\u{80}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
    default: text.unicodeScalars.append(scalar)
    }
  }

  /// The block at U+2400 pictures the control characters in their order; a blank stays one.
  private static func picture(of scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar == " " ? scalar : Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
  }
}
