/// A configured value with the place it came from: a view of a document's values by their path.
package struct ConfigNode: Sendable {
  /// A step from a value to one inside it.
  enum Step: Hashable {
    /// To the value at a key of a mapping.
    case key(String)
    /// To an element of a list.
    case element(Int)
  }

  /// The place of a value, and how it was written.
  struct Mark {
    /// The place where the value was written.
    var place: ConfigPlace
    /// The place where its key was written, if it has one.
    var key: ConfigPlace?
    /// A scalar without quotes, as it was written; what is in quotes is text whatever it looks like.
    var spelling: String?
  }

  /// The value, with its keys in the order of the file; unquoted words follow YAML 1.2's core schema.
  var content: JSONValue
  /// The steps that lead here from the root.
  let steps: [Step]
  /// The marks of all values of the document by the steps to them.
  var marks: [[Step]: Mark]

  /// The place where the value was written.
  package var place: ConfigPlace { mark.place }

  /// The dotted path of keys that leads here from the root, empty at the root.
  package var path: String {
    steps.reduce("") { path, step in
      switch step {
      case .key(let key): path.isEmpty ? key : "\(path).\(key)"
      case .element(let index): "\(path)[\(index)]"
      }
    }
  }

  /// The scalar as it was written, or the text in its quotes; nil of lists and mappings.
  package var text: String? { mark.spelling ?? content.string }

  /// The node's own mark.
  var mark: Mark {
    guard let mark = marks[steps] else { preconditionFailure("\(path) has no mark") }
    return mark
  }

  /// The node of a value inside this one.
  func inner(_ value: JSONValue, _ step: Step) -> ConfigNode {
    ConfigNode(content: value, steps: steps + [step], marks: marks)
  }
}

/// A key of a mapping, where it stands, and its value.
package struct ConfigEntry: Sendable {
  /// The key's text.
  package let key: String
  /// The value.
  package let value: ConfigNode

  /// The place where the key was written.
  package var place: ConfigPlace { value.mark.key ?? value.place }
}

extension ConfigNode {
  /// The entries of a mapping; an absent or empty value counts as an empty mapping.
  package func entries() throws(ConfigError) -> [ConfigEntry] {
    if let members = content.members {
      return members.map { ConfigEntry(key: $0.key, value: inner($0.value, .key($0.key))) }
    }
    if isNull { return [] }
    throw wrongType("a section of keys")
  }

  /// The elements of a list.
  package func elements() throws(ConfigError) -> [ConfigNode] {
    guard let elements = content.array else { throw wrongType("a list") }
    return elements.enumerated().map { inner($0.element, .element($0.offset)) }
  }

  /// Whether the value is absent: empty, `~` or `null`, unquoted.
  package var isNull: Bool { content == .null }

  /// The kind of content, in words for a message.
  var found: String {
    switch (content, mark.spelling) {
    case (.array(let elements), _): "a list of \(elements.count)"
    case (.object, _): "a section of keys"
    case (_, ""): "nothing"
    case (_, let spelling?): "'\(spelling.brief)'"
    default: "the text \"\((text ?? "").brief)\""
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
  /// The node as a plain value, keys in alphabetical order.
  package var value: JSONValue { content.ordered }

  /// The value of an unquoted word or number.
  static func plainValue(_ text: String) -> JSONValue {
    if ["", "~", "null", "Null", "NULL"].contains(text) { return .null }
    if let value = bool(text) { return .bool(value) }
    if let value = Int(text.replacing("_", with: "")) { return .int(value) }
    if let value = number(text) { return .double(value) }
    return .string(text)
  }
}

extension JSONValue {
  fileprivate var ordered: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.ordered))
    case .object(let members):
      .object(
        Dictionary(members.map { ($0.key, $0.value.ordered) }) { first, _ in first })
    default: self
    }
  }
}

/// Scalars, read by YAML 1.2's core schema.
///
/// YAML 1.1, which most libraries follow, reads `no` as false, `010` as eight and `1:30` as ninety;
/// here each key says what it takes, and those are errors.
extension ConfigNode {
  /// The value as a whole number; `1e6` and digits in groups (`61_440`) count as one.
  package func integer() throws(ConfigError) -> Int {
    guard let text = mark.spelling, let value = Self.integer(text) else {
      throw wrongType("a whole number")
    }
    return value
  }

  /// The value as a finite number.
  package func number() throws(ConfigError) -> Double {
    guard let text = mark.spelling, let value = Self.number(text) else {
      throw wrongType("a number")
    }
    return value
  }

  /// The value as `true` or `false`.
  package func bool() throws(ConfigError) -> Bool {
    guard let text = mark.spelling, let value = Self.bool(text) else {
      throw wrongType("true or false")
    }
    return value
  }

  /// The value as text; a number without quotes is taken as it is written.
  package func string() throws(ConfigError) -> String {
    guard let text, !isNull else { throw wrongType("text") }
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
    guard case .array = content else { return [try string()] }
    let texts = try elements().map { element throws(ConfigError) in try element.string() }
    guard !texts.isEmpty, !texts.contains("") else { throw invalid("at least one text") }
    return texts
  }

  /// The value as a list of numbers within a limit.
  package func numbers(_ limit: ValueLimit<Double>) throws(ConfigError) -> [Double] {
    try elements().map { element throws(ConfigError) in try element.number(limit) }
  }
}
