/// One change that is made to text before it is split.
enum Normalizer: Sendable {
  case unicode(UnicodeForm)
  case lowercase
  case prepend(String)
  case replace(Pattern, content: String)

  /// The text after this step.
  func apply(to text: String) -> String {
    switch self {
    case .unicode(let form): form.apply(to: text)
    // Scalar by scalar, as the reference does: no final sigma, no locale.
    case .lowercase:
      text.unicodeScalars.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
    case .prepend(let prefix): text.isEmpty ? text : prefix + text
    case .replace(let pattern, let content): pattern.replacing(text, with: content)
    }
  }
}

extension Pattern {
  /// The text with every match replaced by `content`, which is taken literally.
  func replacing(_ text: String, with content: String) -> String {
    let bytes = Array(text.utf8)
    var (output, start) = ([UInt8](), 0)
    _ = matches(in: bytes, 0..<bytes.count) { match in
      output += bytes[start..<match.lowerBound] + Array(content.utf8)
      start = match.upperBound
    }
    return String(decoding: output + bytes[start...], as: UTF8.self)
  }
}
