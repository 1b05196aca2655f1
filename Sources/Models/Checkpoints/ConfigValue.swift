/// A value of a JSON or YAML document.
public enum ConfigValue: Sendable, Equatable {
  /// Nothing, on purpose.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number.
  case int(Int)
  /// A number with a fraction or an exponent.
  case double(Double)
  /// A text.
  case string(String)
  /// Values in order.
  case array([ConfigValue])
  /// Values by key.
  case object([String: ConfigValue])

  /// What the value is, in words, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .int: "a whole number"
    case .double: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "a mapping"
    }
  }

  /// The text, if it is one.
  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The values by key, if it is a mapping.
  var object: [String: ConfigValue]? {
    if case .object(let members) = self { members } else { nil }
  }
}
