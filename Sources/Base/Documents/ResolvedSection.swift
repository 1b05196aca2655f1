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
