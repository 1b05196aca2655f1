/// Writing JSON.
extension JSONValue {
  /// The value as compact UTF-8 JSON, members in their order.
  func serialized() -> [UInt8] {
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
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONMember($0.0, $0.1) })
  }
}
