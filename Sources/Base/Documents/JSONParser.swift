/// A key that occurs twice in one object.
package struct JSONDuplicateKey: Error {
  /// The key.
  package var key: String
  /// The byte at which the object ends.
  package var offset: Int

  /// The key that an object has twice.
  package init(key: String, offset: Int) {
    self.key = key
    self.offset = offset
  }
}

/// Reads whole JSON documents into values.
///
/// It refuses duplicate keys (in objects of up to `checkedMembers` members; the vocabulary checks
/// its own), lone surrogates, control characters in strings, nesting deeper than `depthLimit`, and
/// anything after the value.
package enum JSONParser {
  /// The deepest nesting of arrays and objects that is read.
  static let depthLimit = 128
  /// The most members that an object may have for its keys to be checked for duplicates.
  static let checkedMembers = 64

  /// The value that the whole of `bytes` spells.
  ///
  /// Of an object, only the members that are `read` are kept; all of them where that is nil. With
  /// `infinities`, `NaN`, `Infinity` and `-Infinity` are numbers, as Python's writer has them.
  package static func parse(
    _ bytes: [UInt8], reading read: Set<String>? = nil, infinities: Bool = false
  ) throws(JSONSyntaxError) -> JSONValue {
    do {
      return try bytes.withUnsafeBytes { buffer in
        var scanner = JSONScanner(buffer)
        scanner.takesInfinities = infinities
        let value =
          try read.flatMap { try scanner.members(reading: $0) }
          ?? scanner.value(depth: depthLimit)
        try scanner.expectEnd()
        return value
      }
    } catch let error as JSONSyntaxError {
      throw error
    } catch let error as JSONDuplicateKey {
      throw JSONSyntaxError(
        offset: error.offset, problem: "the key \"\(error.key)\" twice in one object, which ends")
    } catch {
      throw JSONSyntaxError(offset: 0, problem: "\(error)")
    }
  }

  /// The keys of the object that `bytes` spell, a few of many; none where they spell no object.
  package static func keys(of bytes: [UInt8]) -> [String] {
    var keys: [String] = []
    bytes.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer)
      scanner.takesInfinities = true
      try? scanner.object { scanner, key in
        if keys.count < checkedMembers { keys.append(key) }
        try scanner.skipValue(depth: depthLimit - 1)
      }
    }
    return keys
  }
}

extension JSONScanner {
  /// Consumes any value whose arrays and objects nest at most `depth` deep.
  ///
  /// - Throws: `JSONSyntaxError` or `JSONDuplicateKey`.
  package mutating func value(depth: Int) throws -> JSONValue {
    switch peek() {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case nil: throw failure("the text ends where a value should be")
    default: return try scalar()
    }
  }

  /// Consumes an object, of which the other members are passed over; nil where there is none.
  fileprivate mutating func members(reading read: Set<String>) throws -> JSONValue? {
    guard peek() == UInt8(ascii: "{") else { return nil }
    var members: [JSONMember] = []
    try object { scanner, key in
      if read.contains(key) {
        members.append(JSONMember(key, try scanner.value(depth: JSONParser.depthLimit - 1)))
      } else {
        try scanner.skipValue(depth: JSONParser.depthLimit - 1)
      }
    }
    try refuseDuplicates(in: members)
    return .object(members)
  }

  private mutating func elements(depth: Int) throws -> [JSONValue] {
    try checkDepth(depth)
    var elements: [JSONValue] = []
    try array { elements.append(try $0.value(depth: depth - 1)) }
    return elements
  }

  private mutating func members(depth: Int) throws -> [JSONMember] {
    try checkDepth(depth)
    var members: [JSONMember] = []
    try object { scanner, key in
      members.append(JSONMember(key, try scanner.value(depth: depth - 1)))
    }
    try refuseDuplicates(in: members)
    return members
  }

  private func checkDepth(_ depth: Int) throws(JSONSyntaxError) {
    if depth == 0 { throw failure("nesting deeper than \(JSONParser.depthLimit) levels") }
  }

  private func refuseDuplicates(in members: [JSONMember]) throws(JSONDuplicateKey) {
    guard members.count <= JSONParser.checkedMembers else { return try refuseMany(members) }
    for (index, member) in members.enumerated() {
      for other in members[..<index] where other.key.utf8.elementsEqual(member.key.utf8) {
        throw JSONDuplicateKey(key: member.key, offset: offset)
      }
    }
  }

  private func refuseMany(_ members: [JSONMember]) throws(JSONDuplicateKey) {
    guard checksAllKeys else { return }
    var seen: Set<[UInt8]> = []
    for member in members where !seen.insert(Array(member.key.utf8)).inserted {
      throw JSONDuplicateKey(key: member.key, offset: offset)
    }
  }

  private mutating func scalar() throws(JSONSyntaxError) -> JSONValue {
    if literal("null") { return .null }
    if literal("true") { return .bool(true) }
    if literal("false") { return .bool(false) }
    if takesInfinities {
      if literal("NaN") { return .double(.nan) }
      if literal("Infinity") { return .double(.infinity) }
      if literal("-Infinity") { return .double(-.infinity) }
    }
    return switch try number() {
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    }
  }
}
