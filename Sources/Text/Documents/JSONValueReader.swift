import Base

/// The JSON objects of an array, or of a file that has them one after the other over several lines.
///
/// Brackets and quotes alone tell where an object ends, so that an array of any length takes the
/// memory of its largest element.
struct JSONValueReader {
  private let stream: ByteStream
  private let isArray: Bool
  private let limit: Int
  private var chunk: ArraySlice<UInt8> = []
  private var line = 1
  private var place = Place.beforeAll

  private enum Place { case beforeAll, beforeElement, afterElement, afterAll }

  /// A reader of objects of up to `limit` bytes.
  init(_ stream: ByteStream, isArray: Bool, limit: Int) {
    self.stream = stream
    self.isArray = isArray
    self.limit = limit
  }

  /// The next object's bytes and the line on which it begins, or nil at the end.
  mutating func next() throws -> (bytes: [UInt8], line: Int)? {
    while let byte = try peek() {
      switch (place, byte) {
      case (.beforeAll, UInt8(ascii: "[")) where isArray: place = .beforeElement
      case (.afterElement, UInt8(ascii: ",")) where isArray: place = .beforeElement
      case (.beforeElement, UInt8(ascii: "]")), (.afterElement, UInt8(ascii: "]")):
        place = .afterAll
      case (.beforeElement, UInt8(ascii: "{")) where isArray: return try take()
      case (_, UInt8(ascii: "{")) where !isArray: return try take()
      default: throw malformed(expected)
      }
      chunk.removeFirst()
    }
    guard !isArray || place == .afterAll else {
      throw malformed("the array has no ], so that the file seems cut off,")
    }
    return nil
  }

  private var expected: String {
    switch place {
    case .afterAll: "something follows the array's ]"
    case .afterElement where isArray: "an object of the array is followed by neither , nor ]"
    default: "no object, whose { should be here"
    }
  }

  private func malformed(_ reason: String) -> DocumentError {
    .malformedLine(path: stream.path, line: line, reason: reason)
  }

  /// The next byte that is no white space and no byte order mark.
  private mutating func peek() throws -> UInt8? {
    while true {
      while let byte = chunk.first {
        guard JSONRecord.isBlank(byte) || [0xEF, 0xBB, 0xBF].contains(byte) else { return byte }
        if byte == 0x0A { line += 1 }
        chunk.removeFirst()
      }
      guard let more = try stream.next() else { return nil }
      chunk = more[...]
    }
  }

  /// Consumes an object, from its brace to the one that closes it.
  private mutating func take() throws -> (bytes: [UInt8], line: Int) {
    place = .afterElement
    var (bytes, state) = ([UInt8](), ObjectEnd())
    let start = line
    while true {
      let end = state.index(in: chunk)
      let part = chunk[..<(end ?? chunk.endIndex)]
      bytes += part
      line += part.count { $0 == 0x0A }
      chunk = chunk[part.endIndex...]
      guard bytes.count <= limit else {
        throw DocumentError.lineTooLong(path: stream.path, line: start, limit: limit)
      }
      if end != nil { return (bytes, start) }
      guard let more = try stream.next() else {
        line = start
        throw malformed("an object without its end, so that the file seems cut off,")
      }
      chunk = more[...]
    }
  }
}

/// The search for the end of an object that comes in pieces.
private struct ObjectEnd {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  /// The index after the object's last byte; nil where the piece ends before.
  mutating func index(in piece: ArraySlice<UInt8>) -> Int? {
    for index in piece.indices where isLast(piece[index]) { return index + 1 }
    return nil
  }

  private mutating func isLast(_ byte: UInt8) -> Bool {
    if isEscaped {
      isEscaped = false
    } else if isInString {
      if byte == UInt8(ascii: "\"") { isInString = false }
      if byte == UInt8(ascii: "\\") { isEscaped = true }
    } else {
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        return depth == 0
      default: break
      }
    }
    return false
  }
}
