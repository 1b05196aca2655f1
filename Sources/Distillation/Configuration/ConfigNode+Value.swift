public import Models

extension ConfigNode {
  /// The node as a plain value; unquoted words follow YAML 1.2's core schema.
  public var value: ConfigValue {
    switch content {
    case .scalar(let text, isQuoted: true): .string(text)
    case .scalar(let text, isQuoted: false): Self.plainValue(text, isNull: isNull)
    case .list(let elements): .array(elements.map(\.value))
    case .mapping(let entries):
      .object(Dictionary(entries.map { ($0.key, $0.value.value) }) { first, _ in first })
    }
  }

  private static func plainValue(_ text: String, isNull: Bool) -> ConfigValue {
    if isNull { return .null }
    if let value = bool(text) { return .bool(value) }
    if let value = Int(text.replacing("_", with: "")) { return .int(value) }
    if let value = number(text) { return .double(value) }
    return .string(text)
  }
}

extension ResolvedValue {
  /// A plain value on its way back to YAML, keys in alphabetical order.
  init(_ value: ConfigValue) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .integer(value)
    case .double(let value): self = .number(value)
    case .string(let text): self = .text(text)
    case .array(let values): self = .list(values.map { ResolvedValue($0) })
    case .object(let members):
      self = .section(members.sorted { $0.key < $1.key }.map { ($0.key, ResolvedValue($0.value)) })
    }
  }
}
