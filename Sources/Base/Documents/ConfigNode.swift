/// A configured value with the place it came from.
package struct ConfigNode: Sendable {
  /// The content of a node.
  package enum Content: Sendable {
    /// A word, number or text; a quoted one is text whatever it looks like.
    case scalar(String, isQuoted: Bool)
    /// Values in order.
    case list([ConfigNode])
    /// Keys and values in the order of the file.
    case mapping([ConfigEntry])
  }

  /// The node's content.
  package var content: Content
  /// The place where the value was written.
  package var place: ConfigPlace
  /// The dotted path of keys that leads here from the root, empty at the root.
  package var path: String

  /// A node from its three parts.
  package init(_ content: Content, place: ConfigPlace, path: String) {
    self.content = content
    self.place = place
    self.path = path
  }
}

/// A key of a mapping, where it stands, and its value.
package struct ConfigEntry: Sendable {
  /// The key's text.
  package var key: String
  /// The place where the key was written.
  package var place: ConfigPlace
  /// The value.
  package var value: ConfigNode

  /// An entry from its three parts.
  package init(key: String, place: ConfigPlace, value: ConfigNode) {
    self.key = key
    self.place = place
    self.value = value
  }
}

extension ConfigNode {
  /// The entries of a mapping; an absent or empty value counts as an empty mapping.
  package func entries() throws(ConfigError) -> [ConfigEntry] {
    if case .mapping(let entries) = content { return entries }
    if isNull { return [] }
    throw wrongType("a section of keys")
  }

  /// The elements of a list.
  package func elements() throws(ConfigError) -> [ConfigNode] {
    if case .list(let elements) = content { return elements }
    throw wrongType("a list")
  }

  /// Whether the value is absent: empty, `~` or `null`, unquoted.
  package var isNull: Bool {
    guard case .scalar(let text, isQuoted: false) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The kind of content, in words for a message.
  var found: String {
    switch content {
    case .scalar(let text, let isQuoted): isQuoted ? "the text \"\(text.brief)\"" : plainFound(text)
    case .list(let elements): "a list of \(elements.count)"
    case .mapping: "a section of keys"
    }
  }

  private func plainFound(_ text: String) -> String { text.isEmpty ? "nothing" : "'\(text.brief)'" }

  /// The error that this value is of another kind than its key takes.
  func wrongType(_ expected: String) -> ConfigError {
    .wrongType(place, key: path.isEmpty ? "config" : path, expected: expected, found: found)
  }

  /// The error that this value is outside what its key takes.
  package func invalid(_ expected: String) -> ConfigError {
    .invalidValue(place, key: path, expected: expected, found: found)
  }
}

extension String {
  /// The text on one line, shortened to what a message can carry.
  fileprivate var brief: String {
    let line = split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 60 ? line.prefix(57) + "..." : line
  }
}

extension ConfigNode {
  /// The node as a plain value, keys in alphabetical order; unquoted words follow YAML 1.2's core
  /// schema.
  package var value: JSONValue {
    switch content {
    case .scalar(let text, isQuoted: true): .string(text)
    case .scalar(let text, isQuoted: false): Self.plainValue(text, isNull: isNull)
    case .list(let elements): .array(elements.map(\.value))
    case .mapping(let entries):
      .object(Dictionary(entries.map { ($0.key, $0.value.value) }) { first, _ in first })
    }
  }

  private static func plainValue(_ text: String, isNull: Bool) -> JSONValue {
    if isNull { return .null }
    if let value = bool(text) { return .bool(value) }
    if let value = Int(text.replacing("_", with: "")) { return .int(value) }
    if let value = number(text) { return .double(value) }
    return .string(text)
  }
}
