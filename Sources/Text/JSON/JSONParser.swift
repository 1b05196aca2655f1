/// A strict reader of JSON (RFC 8259) from UTF-8 bytes.
///
/// It refuses duplicate keys (in objects of up to `checkedMembers` members; the vocabulary checks its
/// own), lone surrogates, control characters in strings, nesting deeper than `depthLimit`, and
/// anything after the value.
struct JSONParser {
  /// How deep arrays and objects may nest.
  static let depthLimit = 128
  /// Up to how many members an object's keys are checked for duplicates.
  static let checkedMembers = 64

  let bytes: [UInt8]
  var position = 0
  var depth = 0

  /// The value that the whole of `bytes` spells.
  static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    let value = try parser.value()
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.failure("text after the value") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// An error at the current position.
  func failure(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }

  /// The next byte, or nil at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Steps over blanks, tabs and line ends.
  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B,
      byte != 0x0C
    { position += 1 }
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case nil: throw failure("the text ends where a value should be")
    default: return try number()
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    depth += 1
    guard depth <= Self.depthLimit else {
      throw failure("nesting deeper than \(Self.depthLimit) levels")
    }
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat {
      elements.append(try value())
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw failure("expected ',' or ']'") }
    return .array(elements)
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var members: [JSONMember] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      members.append(try member())
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw failure("expected ',' or '}'") }
    try refuseDuplicates(in: members)
    return .object(members)
  }

  private mutating func member() throws(JSONError) -> JSONMember {
    skipSpace()
    guard next == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
    let key = try string()
    skipSpace()
    guard take(UInt8(ascii: ":")) else { throw failure("expected ':' after a key") }
    return JSONMember(key, try value())
  }

  private func refuseDuplicates(in members: [JSONMember]) throws(JSONError) {
    guard members.count <= Self.checkedMembers else { return }
    for (index, member) in members.enumerated() {
      for other in members[..<index] where other.key.utf8.elementsEqual(member.key.utf8) {
        throw failure("the key \"\(member.key)\" twice in one object, which ends")
      }
    }
  }

  /// Steps over `byte` if it comes next, and says whether it did.
  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func literal(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count, String(decoding: bytes[position..<end], as: UTF8.self) == "\(word)"
    else { throw failure("expected a value") }
    position = end
    return value
  }
}
