/// A JSON value whose objects keep their order and compare keys by bytes.
///
/// Foundation's decoders put keys into `String` dictionaries, where "é" and "e\u{301}" are one key,
/// and accept duplicate keys; a vocabulary can afford neither.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

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
  package var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The elements of an array.
  package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// The members of an object, in file order.
  package var members: [JSONMember]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// What kind of value this is, in JSON's words, for messages.
  package var kind: String {
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
package struct JSONMember: Sendable {
  /// The key as written, escapes resolved.
  package var key: String
  /// The value under the key.
  package var value: JSONValue

  /// A member of an object.
  package init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }
}

/// Writing JSON.
extension JSONValue {
  /// The value as compact UTF-8 JSON, members in their order.
  package func serialized() -> [UInt8] {
    var output: [UInt8] = []
    append(to: &output)
    return output
  }

  private func append(to output: inout [UInt8]) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let truth): output += (truth ? "true" : "false").utf8
    case .integer(let value): output += String(value).utf8
    case .number(let value): output += String(value).utf8
    case .string(let text): Self.append(text, to: &output)
    case .array(let elements):
      Self.append(elements, between: ("[", "]"), to: &output) { $0.append(to: &$1) }
    case .object(let members):
      Self.append(members, between: ("{", "}"), to: &output) { member, output in
        Self.append(member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.append(to: &output)
      }
    }
  }

  private static func append<Element>(
    _ elements: [Element], between ends: (String, String), to output: inout [UInt8],
    _ append: (Element, inout [UInt8]) -> Void
  ) {
    output += ends.0.utf8
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      append(element, &output)
    }
    output += ends.1.utf8
  }

  private static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output += "\\\"".utf8
      case UInt8(ascii: "\\"): output += "\\\\".utf8
      case 0x0A: output += "\\n".utf8
      case 0x00..<0x20:
        output += "\\u00".utf8
        output += [byte >> 4, byte & 15].flatMap { String($0, radix: 16).utf8 }
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONMember($0.0, $0.1) })
  }
}
