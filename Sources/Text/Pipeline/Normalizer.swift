import Base

/// One change that is made to text before it is split.
enum Normalizer: Sendable {
  case unicode(UnicodeForm)
  case lowercase
  case prepend(String)
  case replace(Pattern, content: String)

  /// The text after this step.
  ///
  /// - Throws: `PatternError` when it would have more than `limit` bytes, or a pattern takes too
  ///   many steps.
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

/// The `normalizer` of a tokenizer.json.
extension Normalizer {
  private static let supported = "null, NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Sequence"

  /// The steps of a `normalizer`, nested sequences laid flat; none for nil.
  static func steps(_ node: JSONNode?) throws -> [Normalizer] {
    guard let node else { return [] }
    let steps = try nested(node)
    guard steps.count <= maximumSteps else {
      throw node.unsupported(
        "the normalizer", "of \(steps.count) steps", supported: "at most \(maximumSteps)")
    }
    return steps
  }

  /// The most steps that a text passes; published tokenizers have up to 5.
  private static let maximumSteps = 64

  private static func nested(_ node: JSONNode) throws -> [Normalizer] {
    let type = try node.required("type").text()
    if let form = UnicodeForm(rawValue: type) { return [.unicode(form)] }
    switch type {
    case "Sequence": return try node.required("normalizers").elements().flatMap { try nested($0) }
    case "Lowercase": return [.lowercase]
    case "Prepend": return [.prepend(try node.required("prepend").text())]
    case "Replace":
      let pattern = try Pattern(node.required("pattern"))
      return [.replace(pattern, content: try node.required("content").text())]
    default: throw node.unsupported("the normalizer", type, supported: supported)
    }
  }

  /// The `normalizer` for these steps.
  static func json(_ steps: [Normalizer]) -> JSONValue {
    switch steps.count {
    case 0: .null
    case 1: steps[0].json
    default: ["type": "Sequence", "normalizers": .array(steps.map(\.json))]
    }
  }

  private var json: JSONValue {
    switch self {
    case .unicode(let form): ["type": .string(form.rawValue)]
    case .lowercase: ["type": "Lowercase"]
    case .prepend(let prefix): ["type": "Prepend", "prepend": .string(prefix)]
    case .replace(let pattern, let content):
      ["type": "Replace", "pattern": pattern.json, "content": .string(content)]
    }
  }
}

/// The `pattern` of a Split or Replace: `{"Regex": …}` or `{"String": …}`.
extension Pattern {
  /// Compiles a `pattern`.
  convenience init(_ node: JSONNode) throws {
    do throws(PatternError) {
      if let literal = node.value["String"]?.string {
        try self.init(literal: literal)
      } else {
        try self.init(node.value["Regex"]?.string ?? "")
      }
    } catch {
      throw TokenizerError.pattern(source: node.source, reason: "\(error)")
    }
    guard node.value["String"]?.string != nil || node.value["Regex"]?.string != nil else {
      throw node.wrongKind("an object with the key Regex or String")
    }
  }

  /// The `pattern` for this.
  var json: JSONValue { [isLiteral ? "String" : "Regex": .string(source)] }
}
