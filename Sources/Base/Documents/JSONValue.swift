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
