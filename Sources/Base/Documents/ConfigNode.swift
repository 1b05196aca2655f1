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
    case .scalar(let text, isQuoted: true): "the text \"\(text.brief)\""
    case .scalar("", isQuoted: false): "nothing"
    case .scalar(let text, isQuoted: false): "'\(text.brief)'"
    case .list(let elements): "a list of \(elements.count)"
    case .mapping: "a section of keys"
    }
  }

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

/// Scalars, read by YAML 1.2's core schema.
///
/// YAML 1.1, which most libraries follow, reads `no` as false, `010` as eight and `1:30` as ninety;
/// here each key says what it takes, and those are errors.
extension ConfigNode {
  /// The value as a whole number; `1e6` and digits in groups (`61_440`) count as one.
  package func integer() throws(ConfigError) -> Int {
    guard let text = plainText, let value = Self.integer(text) else {
      throw wrongType("a whole number")
    }
    return value
  }

  /// The value as a finite number.
  package func number() throws(ConfigError) -> Double {
    guard let text = plainText, let value = Self.number(text) else { throw wrongType("a number") }
    return value
  }

  /// The value as `true` or `false`.
  package func bool() throws(ConfigError) -> Bool {
    guard let text = plainText, let value = Self.bool(text) else {
      throw wrongType("true or false")
    }
    return value
  }

  /// The value as text; a number without quotes is taken as it is written.
  package func string() throws(ConfigError) -> String {
    guard case .scalar(let text, _) = content, !isNull else { throw wrongType("text") }
    return text
  }

  /// The value as one of an enumeration's names.
  func choice<Choice: CaseIterable & RawRepresentable<String>>(
    of type: Choice.Type
  ) throws(ConfigError) -> Choice {
    let (text, names) = (try string(), Choice.allCases.map(\.rawValue))
    if let choice = Choice(rawValue: text) { return choice }
    let nearest = NearestKey.nearest(to: text, among: names).map { " (did you mean '\($0)'?)" }
    throw invalid("one of " + names.joined(separator: ", ") + (nearest ?? ""))
  }

  private var plainText: String? {
    guard case .scalar(let text, isQuoted: false) = content else { return nil }
    return text
  }

  /// A whole number from YAML text, or nil.
  static func integer(_ text: String) -> Int? {
    let digits = text.replacing("_", with: "")
    if let value = Int(digits) { return value }
    // `Int(exactly:)` refuses what is fractional or out of range.
    return number(text).flatMap { Int(exactly: $0) }
  }

  /// A finite number from YAML text, or nil.
  static func number(_ text: String) -> Double? {
    let digits = text.replacing("_", with: "")
    // `Double` would also take "nan", "infinity" and hexadecimal floats.
    guard digits.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
    return Double(digits).flatMap { $0.isFinite ? $0 : nil }
  }

  /// A truth value from YAML text, or nil.
  static func bool(_ text: String) -> Bool? {
    switch text {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }
}

extension ConfigNode {
  /// The value as one or several texts, none of them empty.
  package func strings() throws(ConfigError) -> [String] {
    guard case .list(let elements) = content else { return [try string()] }
    let texts = try elements.map { element throws(ConfigError) in try element.string() }
    guard !texts.isEmpty, !texts.contains("") else { throw invalid("at least one text") }
    return texts
  }

  /// The value as a list of numbers within a limit.
  package func numbers(_ limit: ValueLimit<Double>) throws(ConfigError) -> [Double] {
    try elements().map { element throws(ConfigError) in try element.number(limit) }
  }
}
