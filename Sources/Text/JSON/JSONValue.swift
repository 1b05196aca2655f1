/// A JSON value whose objects keep their order and compare keys by bytes.
///
/// Foundation's decoders put keys into `String` dictionaries, where "é" and "e\u{301}" are one key,
/// and accept duplicate keys; a vocabulary can afford neither.
enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

  /// The value under a key of an object, or nil; JSON's `null` counts as absent.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    guard let member = members.first(where: { $0.key.utf8.elementsEqual(key.utf8) })
    else { return nil }
    if case .null = member.value { return nil }
    return member.value
  }

  /// The text of a string.
  var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The truth of a boolean.
  var bool: Bool? { if case .bool(let truth) = self { truth } else { nil } }

  /// The value of a whole number.
  var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The elements of an array.
  var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// The members of an object, in file order.
  var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }

  /// What kind of value this is, in JSON's words, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// One key of a JSON object with its value.
struct JSONMember: Sendable {
  /// The key as written, escapes resolved.
  var key: String
  /// The value under the key.
  var value: JSONValue

  /// A member of an object.
  init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }
}
