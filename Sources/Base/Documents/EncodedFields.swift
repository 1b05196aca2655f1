extension Encoder {
  /// Encodes an object key by key, beside the keys it already has; a field that is nil has none.
  package func encode(_ fields: KeyValuePairs<String, (any Encodable)?>) throws {
    var object = container(keyedBy: FieldKey.self)
    for (key, value) in fields {
      if let value { try object.encode(value, forKey: FieldKey(stringValue: key)) }
    }
  }
}

private struct FieldKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
