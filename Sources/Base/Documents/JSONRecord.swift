/// An object of JSON, of which only the values that are asked for are judged.
package struct JSONRecord {
  /// The object's keys as written, in their order.
  package var keys: [String] { members.map(\.key) }

  private let bytes: ArraySlice<UInt8>
  private let members: [(key: String, start: Int)]

  /// The objects of a line, at least one: a line may hold several, one after the other.
  package static func objects(in bytes: ArraySlice<UInt8>) throws(JSONSyntaxError) -> [JSONRecord] {
    var (records, rest) = ([JSONRecord](), bytes)
    repeat {
      let (record, end) = try first(in: rest, offset: rest.startIndex - bytes.startIndex)
      records.append(record)
      rest = rest.dropFirst(end).drop { JSONRecord.isBlank($0) }
    } while !rest.isEmpty
    return records
  }

  /// Whether a byte is JSON's white space.
  package static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  /// The value under a key; nil where the key is absent, an error where it is there twice.
  package func value(_ key: String) throws(JSONSyntaxError) -> Value? {
    let starts = members.filter { $0.key.utf8.elementsEqual(key.utf8) }.map(\.start)
    guard let start = starts.first else { return nil }
    guard starts.count == 1 else {
      throw JSONSyntaxError(offset: starts[1], problem: "the key twice in one object, again")
    }
    return try scan { scanner throws(JSONSyntaxError) in
      var scanner = JSONScanner(scanner, at: start)
      return try Value(&scanner)
    }
  }

  /// The first object of some bytes, and the number of bytes it takes.
  private static func first(
    in bytes: ArraySlice<UInt8>, offset: Int
  ) throws(JSONSyntaxError) -> (JSONRecord, end: Int) {
    do {
      var (members, end) = ([(String, Int)](), 0)
      try bytes.withUnsafeBytes { buffer in
        var scanner = JSONScanner(buffer)
        try refuseOther(&scanner)
        try scanner.object(anyKey: { scanner, key throws(JSONSyntaxError) in
          _ = scanner.peek()
          members.append((key, scanner.offset))
          try scanner.skipUnread()
        })
        end = scanner.offset
      }
      return (JSONRecord(bytes: bytes, members: members), end)
    } catch let error as JSONSyntaxError {
      throw JSONSyntaxError(offset: offset + error.offset, problem: error.problem)
    } catch {
      throw JSONSyntaxError(offset: offset, problem: "\(error)")
    }
  }

  /// Names what is there where no object begins.
  private static func refuseOther(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    switch scanner.peek() {
    case UInt8(ascii: "{"), nil: return
    case UInt8(ascii: "["): throw scanner.failure("an array, which begins")
    case UInt8(ascii: "\""): throw scanner.failure("a string, which begins")
    case UInt8(ascii: ","): throw scanner.failure("a comma, which one object a line does not need,")
    case 0: throw scanner.failure("NUL bytes, which a crash or a broken copy leaves,")
    default: throw scanner.failure("no object, whose { should be")
    }
  }

  private func scan<Result>(
    _ body: (JSONScanner) throws(JSONSyntaxError) -> Result
  ) throws(JSONSyntaxError) -> Result {
    do {
      return try bytes.withUnsafeBytes { try body(JSONScanner($0)) }
    } catch let error as JSONSyntaxError {
      throw error
    } catch {
      throw JSONSyntaxError(offset: 0, problem: "\(error)")
    }
  }
}

extension JSONRecord {
  /// A value as far as a document needs it.
  package enum Value {
    case null
    case string(String)
    /// A whole number that fits.
    case integer(Int)
    /// An array whose first element is an object, as chat messages are.
    case objects
    /// Anything else, in JSON's words.
    case other(kind: String)

    fileprivate init(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
      switch scanner.peek() {
      case UInt8(ascii: "\""): self = .string(try scanner.string())
      case UInt8(ascii: "{"): self = .other(kind: "an object")
      case UInt8(ascii: "["):
        scanner.advance(1)
        self = scanner.peek() == UInt8(ascii: "{") ? .objects : .other(kind: "an array")
      case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .other(kind: "a boolean")
      case UInt8(ascii: "n"): self = .null
      default:
        if case .int(let value)? = try? scanner.number() {
          self = .integer(value)
        } else {
          self = .other(kind: "a number")
        }
      }
    }

    /// The kind of value, for messages.
    package var kind: String {
      switch self {
      case .null: "null"
      case .string: "a string"
      case .integer: "a number"
      case .objects: "an array"
      case .other(let kind): kind
      }
    }
  }
}
