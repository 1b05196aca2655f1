/// The JSON objects of a file, one at a time, however long the file is.
struct RecordReader {
  /// An object's place and content.
  struct Record {
    /// The line on which it begins, from 1.
    let line: Int
    let object: JSONRecord
  }

  private enum Source {
    case lines(LineReader)
    case values(JSONValueReader)
  }

  private var source: Source
  private let path: String
  private var waiting: ArraySlice<Record> = []

  /// A reader of a stream that a guess tells the layout of.
  init(_ stream: ByteStream, _ guess: ContentGuess, limit: Int) {
    path = stream.path
    switch guess {
    case .objects, .loneObject:
      source = .values(JSONValueReader(stream, isArray: false, limit: limit))
    case .array: source = .values(JSONValueReader(stream, isArray: true, limit: limit))
    default: source = .lines(LineReader(stream, limit: limit))
    }
  }

  /// The next object, or nil at the end.
  mutating func next() throws -> Record? {
    while waiting.isEmpty {
      guard let (body, line) = try nextBytes() else { return nil }
      do throws(JSONSyntaxError) {
        waiting = try JSONRecord.objects(in: body).map { Record(line: line, object: $0) }[...]
      } catch {
        throw malformed(error, body, line)
      }
    }
    return waiting.popFirst()
  }

  /// The bytes of the next line that is not blank, or of the next object, and where they begin.
  mutating func nextBytes() throws -> (ArraySlice<UInt8>, line: Int)? {
    while let (bytes, line) = try bytes() {
      let body = Self.withoutMarks(bytes)
      if body.contains(where: { !JSONRecord.isBlank($0) }) { return (body, line) }
    }
    return nil
  }

  private func malformed(
    _ error: JSONSyntaxError, _ body: ArraySlice<UInt8>, _ line: Int
  ) -> DocumentError {
    let isCut = error.offset >= body.count && body.first == UInt8(ascii: "{")
    let reason =
      isCut ? "the object does not end on this line (`jq -c .` puts each on one)" : "\(error)"
    return .malformedLine(path: path, line: line, reason: reason)
  }

  private mutating func bytes() throws -> (ArraySlice<UInt8>, line: Int)? {
    switch source {
    case .lines(var reader):
      defer { source = .lines(reader) }
      return try reader.next().map { ($0[...], reader.number) }
    case .values(var reader):
      defer { source = .values(reader) }
      return try reader.next().map { ($0.bytes[...], $0.line) }
    }
  }

  /// The bytes without byte order marks at their start, which joined files have in their middle.
  private static func withoutMarks(_ bytes: [UInt8].SubSequence) -> ArraySlice<UInt8> {
    var body = bytes
    while body.starts(with: [0xEF, 0xBB, 0xBF]) { body = body.dropFirst(3) }
    return body
  }
}
