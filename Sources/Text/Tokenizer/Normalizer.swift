/// One change that is made to text before it is split.
enum Normalizer: Sendable {
  case unicode(UnicodeForm)
  case lowercase
  case prepend(String)
  case replace(Pattern, content: String)

  /// The text after this step.
  ///
  /// - Throws: `PatternError` when it would have more than `limit` bytes, or a pattern takes too many
  ///   steps.
  func apply(to text: String, limit: Int) throws(PatternError) -> String {
    switch self {
    case .unicode(let form): form.apply(to: text)
    // Scalar by scalar, as the reference does: no final sigma, no locale.
    case .lowercase:
      text.unicodeScalars.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
    case .prepend(let prefix): try Self.prepended(prefix, text, limit: limit)
    case .replace(let pattern, let content):
      try pattern.replacing(text, with: content, limit: limit)
    }
  }
}

extension Normalizer {
  /// Whether it brings text into one of Unicode's forms.
  var isUnicode: Bool {
    if case .unicode = self { true } else { false }
  }

  private static func prepended(
    _ prefix: String, _ text: String, limit: Int
  ) throws(PatternError) -> String {
    guard prefix.utf8.count + text.utf8.count <= limit else {
      throw PatternError(
        pattern: "^", reason: "a Prepend makes a text too long (over \(limit) bytes)")
    }
    return text.isEmpty ? text : prefix + text
  }
}

extension Pattern {
  /// The text with every match replaced by `content`, which is taken literally.
  ///
  /// - Throws: when it would have more than `limit` bytes, or takes too many steps.
  func replacing(
    _ text: String, with content: String, limit: Int
  ) throws(PatternError) -> String {
    let (bytes, content) = (Array(text.utf8), Array(content.utf8))
    var (output, start) = ([UInt8](), 0)
    try matches(in: bytes, 0..<bytes.count) { match in
      // Beyond the limit nothing is kept, lest a hostile file takes the memory.
      if output.count <= limit { output += bytes[start..<match.lowerBound] + content }
      start = match.upperBound
    }
    guard output.count + bytes.count - start <= limit else {
      throw PatternError(
        pattern: source, reason: "a Replace of it makes a text too long (over \(limit) bytes)")
    }
    return String(decoding: output + bytes[start...], as: UTF8.self)
  }
}
