/// A value of a JSON or YAML document, whose objects keep their order and compare keys by bytes.
///
/// Foundation's decoders put keys into `String` dictionaries, where "é" and "e\u{301}" are one key,
/// and accept duplicate keys; a vocabulary can afford neither.
public enum JSONValue: Sendable, Equatable {
  /// Nothing, on purpose.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number.
  case int(Int)
  /// A number with a fraction or an exponent, or beyond `Int`.
  case double(Double)
  /// A text.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Values by key, in the order of the file.
  case object([JSONMember])

  /// Values by key, in the order of the keys.
  public static func object(_ members: [String: JSONValue]) -> JSONValue {
    .object(members.sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value) })
  }

  /// The value under a key of an object, or nil; JSON's `null` counts as absent.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    guard let member = members.first(where: { $0.key.utf8.elementsEqual(key.utf8) })
    else { return nil }
    if case .null = member.value { return nil }
    return member.value
  }

  /// The text of a string.
  package var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The truth of a boolean.
  package var bool: Bool? { if case .bool(let truth) = self { truth } else { nil } }

  /// The value of a whole number.
  package var integer: Int? { if case .int(let value) = self { value } else { nil } }

  /// The elements of an array.
  package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// The members of an object, in file order.
  package var members: [JSONMember]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The values of an object by key; the first where keys are canonically equivalent.
  package var object: [String: JSONValue]? {
    members.map { Dictionary($0.map { ($0.key, $0.value) }) { first, _ in first } }
  }

  /// The kind of value, in JSON's words, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .int, .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// One key of a JSON object with its value.
public struct JSONMember: Sendable, Equatable {
  /// The key as written, escapes resolved.
  public var key: String
  /// The value under the key.
  public var value: JSONValue

  /// A member of an object.
  package init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }

  /// Whether key and value are the same, the keys to the byte.
  public static func == (left: JSONMember, right: JSONMember) -> Bool {
    left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object whose members are in the order of the source.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONMember($0.0, $0.1) })
  }
}

extension JSONValue {
  /// The value as YAML text: sections in block style, lists of scalars on one line.
  package var yaml: String { lines(indent: 0).joined(separator: "\n") }

  private func lines(indent: Int) -> [String] {
    switch self {
    case .object(let members): members.flatMap { Self.lines($0.key, $0.value, indent) }
    case .array(let items) where !isFlow: items.flatMap { $0.itemLines(indent: indent) }
    default: [flow]
    }
  }

  private static func lines(_ key: String, _ value: JSONValue, _ indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent) + quoted(key) + ":"
    return value.isFlow
      ? ["\(margin) \(value.flow)"] : [margin] + value.lines(indent: indent + 2)
  }

  private func itemLines(indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    guard !isFlow else { return ["\(margin)- \(flow)"] }
    var lines = lines(indent: indent + 2)
    // The dash takes the place of the first line's last two blanks.
    if let first = lines.first { lines[0] = margin + "- " + first.dropFirst(indent + 2) }
    return lines
  }

  /// Whether the value stands on one line.
  private var isFlow: Bool {
    switch self {
    case .object(let members): members.isEmpty
    case .array(let items): items.allSatisfy(\.isScalar)
    default: true
    }
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private var flow: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let value): Self.quoted(value)
    case .array(let items): "[" + items.map(\.flow).joined(separator: ", ") + "]"
    case .object: "{}"
    }
  }

  /// A text, in quotes unless every reader takes it for the same text without them.
  private static func quoted(_ text: String) -> String {
    let isWord = text.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
        || "_/.-".utf8.contains(byte)
    }
    let startsAsWord = text.utf8.first.map { (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2F }
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    if isWord, startsAsWord == true, !words.contains(text.lowercased()) { return text }
    return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\t": "\\t"
    // Control characters, and what YAML takes for line breaks or does not print at all.
    case _
    where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      || [0x2028, 0x2029, 0xFEFF].contains(scalar.value):
      "\\U" + String(repeating: "0", count: 8 - String(scalar.value, radix: 16).count)
        + String(scalar.value, radix: 16)
    default: String(scalar)
    }
  }
}
