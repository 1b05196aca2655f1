/// The keys that a section of a config knows, by the names they have on disk.
package protocol ConfigKey: RawRepresentable<String>, CaseIterable, Sendable {}

/// A section of a config being read: every key in it is a known one, each value has its type.
package struct ConfigSection<Key: ConfigKey> {
  /// The section's own node.
  package let node: ConfigNode
  private let values: [String: ConfigNode]

  /// The section at a node.
  ///
  /// Throws: `unknownKey` for the first key that `Key` does not list, `wrongType` for what is
  /// no mapping.
  package init(_ node: ConfigNode) throws(ConfigError) {
    let known = Key.allCases.map(\.rawValue)
    let entries = try node.entries()
    for entry in entries where !known.contains(entry.key) {
      let nearest = NearestKey.nearest(to: entry.key, among: known)
      throw .unknownKey(entry.place, key: entry.key, section: node.path, nearest: nearest)
    }
    self.node = node
    values = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
  }

  /// The node at a key; nil when it is absent or null.
  package subscript(key: Key) -> ConfigNode? {
    values[key.rawValue].flatMap { $0.isNull ? nil : $0 }
  }

  /// The node at a key that the section needs.
  package func required(_ key: Key) throws(ConfigError) -> ConfigNode {
    if let value = self[key] { return value }
    throw .missingKey(node.place, key: key.rawValue, section: node.path)
  }

  /// The error that two settings of this section contradict each other.
  package func conflict(_ key: Key, _ problem: String) -> ConfigError {
    .conflict(self[key]?.place ?? node.place, problem: problem)
  }
}

extension ConfigSection {
  /// A whole number that the section needs.
  package func integer(_ key: Key, _ limit: ValueLimit<Int>) throws(ConfigError) -> Int {
    try required(key).integer(limit)
  }

  /// A whole number, or nil.
  package func optionalInteger(_ key: Key, _ limit: ValueLimit<Int>) throws(ConfigError) -> Int? {
    try self[key]?.integer(limit)
  }

  /// A number that the section needs.
  package func number(_ key: Key, _ limit: ValueLimit<Double>) throws(ConfigError) -> Double {
    try required(key).number(limit)
  }

  /// A number, or nil.
  package func optionalNumber(_ key: Key, _ limit: ValueLimit<Double>) throws(ConfigError)
    -> Double?
  {
    try self[key]?.number(limit)
  }

  /// A truth value, or nil.
  package func optionalBool(_ key: Key) throws(ConfigError) -> Bool? {
    try self[key]?.bool()
  }

  /// A text, or nil; empty texts are refused.
  package func optionalString(_ key: Key) throws(ConfigError) -> String? {
    guard let node = self[key] else { return nil }
    let text = try node.string()
    guard !text.isEmpty else { throw node.invalid("a text that is not empty") }
    return text
  }

  /// A text that the section needs.
  package func string(_ key: Key) throws(ConfigError) -> String {
    if let text = try optionalString(key) { return text }
    throw .missingKey(node.place, key: key.rawValue, section: node.path)
  }

  /// One of an enumeration's names, or nil.
  package func optionalChoice<Choice: CaseIterable & RawRepresentable<String>>(
    _ key: Key, of type: Choice.Type
  ) throws(ConfigError) -> Choice? {
    try self[key]?.choice(of: type)
  }

  /// One of an enumeration's names.
  package func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ key: Key, of type: Choice.Type
  ) throws(ConfigError) -> Choice {
    try required(key).choice(of: type)
  }

  /// Refuses the keys that are meant for other choices than the one that was made.
  ///
  /// - Parameters:
  ///   - taken: The keys that the choice reads.
  ///   - all: The keys that any of the choices read.
  ///   - choice: The choice made, for the message.
  /// - Throws: `conflict` for the first of them.
  package func requireOnly(
    _ taken: [Key], of all: [Key], for choice: String
  ) throws(ConfigError) {
    let names = taken.map(\.rawValue)
    for key in all where self[key] != nil && !names.contains(key.rawValue) {
      let takes = names.isEmpty ? "nothing" : names.joined(separator: ", ")
      throw conflict(key, "'\(key.rawValue)' means nothing to \(choice), which takes \(takes)")
    }
  }
}

/// A section's keys and values, in the order in which they are written.
package struct ResolvedSection<Key: ConfigKey>: ExpressibleByDictionaryLiteral {
  private var entries: [(Key, JSONValue)]

  package init(dictionaryLiteral elements: (Key, JSONValue)...) { entries = elements }

  /// The section as a value; absent keys are left out.
  package var value: JSONValue {
    .object(entries.filter { $0.1 != .null }.map { JSONMember($0.0.rawValue, $0.1) })
  }
}

extension JSONValue {
  /// A value that may be absent, which is written as null.
  package static func optional<Value>(
    _ value: Value?, _ wrap: (Value) -> JSONValue
  ) -> JSONValue {
    value.map(wrap) ?? .null
  }
}
