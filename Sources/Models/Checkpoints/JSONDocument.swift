import Text

/// A key that occurs twice in one object.
struct JSONDuplicateKey: Error {
  /// The key.
  var key: String
}

extension ConfigValue {
  /// The document in `bytes`, every key of an object unique.
  ///
  /// - Throws: `JSONSyntaxError` or `JSONDuplicateKey`.
  init(json bytes: UnsafeRawBufferPointer) throws {
    var scanner = JSONScanner(bytes)
    self = try scanner.value(depth: 64)
    try scanner.expectEnd()
  }
}

extension JSONScanner {
  /// Consumes any value that nests at most `depth` deep.
  mutating func value(depth: Int) throws -> ConfigValue {
    if depth == 0 { throw failure("nested too deeply") }
    switch peek() {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["):
      var values: [ConfigValue] = []
      try array { values.append(try $0.value(depth: depth - 1)) }
      return .array(values)
    case UInt8(ascii: "\""): return .string(try string())
    default: return try scalar()
    }
  }

  private mutating func members(depth: Int) throws -> [String: ConfigValue] {
    var members: [String: ConfigValue] = [:]
    try object { scanner, key in
      let value = try scanner.value(depth: depth - 1)
      if members.updateValue(value, forKey: key) != nil { throw JSONDuplicateKey(key: key) }
    }
    return members
  }

  private mutating func scalar() throws(JSONSyntaxError) -> ConfigValue {
    if literal("null") { return .null }
    if literal("true") { return .bool(true) }
    if literal("false") { return .bool(false) }
    return switch try number() {
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    }
  }
}
