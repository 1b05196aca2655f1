import Foundation

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
    var texts: [String] = []
    for element in elements { texts.append(try element.string()) }
    guard !texts.isEmpty, !texts.contains("") else { throw invalid("at least one text") }
    return texts
  }

  /// The value as a list of numbers within a limit.
  package func numbers(_ limit: ValueLimit<Double>) throws(ConfigError) -> [Double] {
    var numbers: [Double] = []
    for element in try elements() { numbers.append(try element.number(limit)) }
    return numbers
  }
}
