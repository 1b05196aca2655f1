public import Foundation

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
  var compactJSON: String {
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
