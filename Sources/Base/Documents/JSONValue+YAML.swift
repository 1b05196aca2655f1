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
