import Base
import Foundation
// Foundation on Linux orders combining marks by an old Unicode version (U+0F73 and U+10F46 come out
// wrong); the standard library's own normaliser is current, and has no public name yet.
@_spi(_Unicode) import Swift

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

/// The Unicode normalisation forms (UAX 15).
enum UnicodeForm: String, Sendable, CaseIterable {
  case composed = "NFC"
  case decomposed = "NFD"
  case compatibilityComposed = "NFKC"
  case compatibilityDecomposed = "NFKD"

  /// The version of Unicode by which `tokenizers` 0.23.3 normalises; a part of the fingerprint of
  /// every tokenizer that does.
  static let unicodeVersion = "9.0.0"

  /// The text in this form, by ``unicodeVersion`` on any machine.
  ///
  /// Characters assigned later, or not yet, begin anew and stay as they are, as characters without
  /// properties do. Those assigned by then never change (UAX 15, stability).
  func apply(to text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.contains(where: { $0.value >= firstAffected }) else { return text }
    guard scalars.contains(where: Self.isUnknown) else { return normalised(text) }
    var (output, known) = ("", String.UnicodeScalarView())
    for scalar in scalars {
      guard Self.isUnknown(scalar) else {
        known.append(scalar)
        continue
      }
      output += normalised(String(known))
      output.unicodeScalars.append(scalar)
      known.removeAll(keepingCapacity: true)
    }
    return output + normalised(String(known))
  }

  /// Whether Unicode 9.0 had not assigned it.
  private static func isUnknown(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= firstUnassigned else { return false }
    guard let age = scalar.properties.age else { return true }
    return (age.major, age.minor) > (9, 0)
  }

  /// Every scalar below has been assigned from the first: most text is over with one comparison.
  private static let firstUnassigned: UInt32 = 0x378

  /// By the Unicode of the Swift library.
  private func normalised(_ text: String) -> String {
    let text = Self.expandingDoubleMarks(text)
    return switch self {
    case .composed: Self.string(text._nfc)
    case .decomposed: Self.string(text._nfd)
    case .compatibilityComposed: Self.string(text.decomposedStringWithCompatibilityMapping._nfc)
    case .compatibilityDecomposed: Self.string(text.decomposedStringWithCompatibilityMapping._nfd)
    }
  }

  /// The first scalar that the form may change: most text has none and is left as it is.
  private var firstAffected: UInt32 {
    switch self {
    case .composed: 0x300
    case .decomposed: 0xC0
    case .compatibilityComposed, .compatibilityDecomposed: 0xA0
    }
  }

  /// The marks that decompose into two: both libraries expand them and then do not reorder.
  private static let doubleMarks: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{344}": ["\u{308}", "\u{301}"], "\u{F73}": ["\u{F71}", "\u{F72}"],
    "\u{F75}": ["\u{F71}", "\u{F74}"], "\u{F81}": ["\u{F71}", "\u{F80}"],
  ]

  private static func expandingDoubleMarks(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { doubleMarks[$0] != nil }) else { return text }
    return string(text.unicodeScalars.flatMap { doubleMarks[$0] ?? [$0] })
  }

  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }
}
