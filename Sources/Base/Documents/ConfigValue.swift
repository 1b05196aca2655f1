public import Foundation

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
  package var kind: String {
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
  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The values by key, if it is a mapping.
  package var object: [String: ConfigValue]? {
    if case .object(let members) = self { members } else { nil }
  }
}

extension ConfigValue {
  /// The value as JSON with sorted keys and two-space indent, as transformers writes it.
  ///
  /// - Precondition: every number is finite.
  public var json: Data {
    var text = ""
    write(to: &text, indent: 0)
    text += "\n"
    return Data(text.utf8)
  }

  /// The value as JSON with sorted keys on a single line, without white space.
  package var compactJSON: String {
    var text = ""
    write(to: &text, indent: nil)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value):
      precondition(value.isFinite, "JSON has no word for \(value)")
      text += String(value)
    case .string(let value): Self.quote(value, to: &text)
    case .array(let values):
      Self.list("[", values, "]", to: &text, indent) {
        $0.write(to: &$1, indent: indent.map { $0 + 1 })
      }
    case .object(let members):
      let sorted = members.sorted { $0.key < $1.key }
      Self.list("{", sorted, "}", to: &text, indent) { member, text in
        Self.quote(member.key, to: &text)
        text += indent == nil ? ":" : ": "
        member.value.write(to: &text, indent: indent.map { $0 + 1 })
      }
    }
  }

  private static func list<Element>(
    _ open: String, _ elements: [Element], _ close: String, to text: inout String, _ indent: Int?,
    _ write: (Element, inout String) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
      write(element, &text)
    }
    if let indent, !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  private static func quote(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ": text += "\\u00" + (scalar.value < 16 ? "0" : "") + hex(scalar.value)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  private static func hex(_ value: UInt32) -> String { String(value, radix: 16) }
}

/// A key that occurs twice in one object.
package struct JSONDuplicateKey: Error {
  /// The key.
  package var key: String

  /// The value with these parts.
  package init(key: String) {
    self.key = key
  }
}

extension ConfigValue {
  /// The document in `bytes`, every key of an object unique.
  ///
  /// - Throws: `JSONSyntaxError` or `JSONDuplicateKey`.
  package init(json bytes: UnsafeRawBufferPointer) throws {
    var scanner = JSONScanner(bytes)
    self = try scanner.value(depth: 64)
    try scanner.expectEnd()
  }
}

extension JSONScanner {
  /// Consumes any value that nests at most `depth` deep.
  package mutating func value(depth: Int) throws -> ConfigValue {
    if depth == 0 { throw failure("nested too deeply") }
    switch peek() {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["):
      var values: [ConfigValue] = []
      try array { values.append(try $0.value(depth: depth - 1)) }
      return .array(values)
    case UInt8(ascii: "\""): return .string(try string())
    default: return try scalar()
    }
  }

  private mutating func members(depth: Int) throws -> [String: ConfigValue] {
    var members: [String: ConfigValue] = [:]
    try object { scanner, key in
      let value = try scanner.value(depth: depth - 1)
      if members.updateValue(value, forKey: key) != nil { throw JSONDuplicateKey(key: key) }
    }
    return members
  }

  private mutating func scalar() throws(JSONSyntaxError) -> ConfigValue {
    if literal("null") { return .null }
    if literal("true") { return .bool(true) }
    if literal("false") { return .bool(false) }
    return switch try number() {
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    }
  }
}
