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

  /// How many steps a text passes at most; published tokenizers have up to 5.
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
