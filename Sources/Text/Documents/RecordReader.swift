import Base

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
    while body.starts(with: TextEncoding.mark) { body = body.dropFirst(3) }
    return body
  }
}

extension RecordReader.Record {
  /// The keys that hold chats in the data sets that have them.
  private static let chatKeys = ["messages", "conversations", "conversation", "chosen"]

  /// The document: the text under the key, or else `prompt` and `completion`.
  ///
  /// The pair is looked for only under the default key: who names a key means it.
  /// - Throws: `DocumentError`, naming file and line.
  func document(textKey: String, groupKey: String?, path: String) throws -> Document {
    let group = try groupKey.map { try self.group(under: $0, path) }
    let source = "\(path):\(line)"
    let isPair = textKey == "text" && has("prompt", path) && has("completion", path)
    if !isPair || has(textKey, path) {
      let text = try text(under: textKey, path)
      return Document(text: text, source: source, group: group)
    }
    return Document(
      prompt: try text(under: "prompt", path), text: try text(under: "completion", path),
      source: source, group: group)
  }

  /// Whether there is a value that is not null; one that cannot be read counts.
  private func has(_ key: String, _ path: String) -> Bool {
    switch Result(catching: { try value(key, path) }) {
    case .success(nil), .success(.null): false
    default: true
    }
  }

  private func value(_ key: String, _ path: String) throws -> JSONRecord.Value? {
    do throws(JSONSyntaxError) {
      return try object.value(key)
    } catch {
      throw DocumentError.badValue(path: path, line: line, key: key, reason: "\(error)")
    }
  }

  private func text(under key: String, _ path: String) throws -> String {
    switch try value(key, path) {
    case .string(let text): return text
    case .objects: throw DocumentError.chat(path: path, line: line, key: key)
    case nil: throw missing(key, path)
    case let other?:
      throw DocumentError.notText(path: path, line: line, key: key, found: other.kind)
    }
  }

  private func missing(_ key: String, _ path: String) -> DocumentError {
    for key in Self.chatKeys + ["prompt", "completion"] {
      if case .objects? = try? value(key, path) {
        return .chat(path: path, line: line, key: key)
      }
    }
    return .missingKey(path: path, line: line, key: key, found: object.keys)
  }

  /// The document's group: a text, or a whole number such as a year; `other` where there is none.
  private func group(under key: String, _ path: String) throws -> String {
    switch try value(key, path) {
    case nil, .null, .string(""): return Document.otherGroup
    case .integer(let number): return String(number)
    case .string(let name): return name
    case let other?:
      throw DocumentError.notText(path: path, line: line, key: key, found: other.kind)
    }
  }
}

/// A file's lines, one at a time, however long the file is.
struct LineReader {
  private let stream: ByteStream
  private let limit: Int
  private var chunk: ArraySlice<UInt8> = []

  /// The number of the line that `next` gave last, from 1.
  private(set) var number = 0

  /// The lines of a stream, which may be `limit` bytes long.
  init(_ stream: ByteStream, limit: Int) {
    self.stream = stream
    self.limit = limit
  }

  /// The next line without its line feed, or nil at the end; the last may lack the line feed.
  mutating func next() throws -> [UInt8]? {
    var line: [UInt8] = []
    var hasBytes = false
    while true {
      if chunk.isEmpty {
        guard let more = try stream.next() else { break }
        chunk = more[...]
      }
      hasBytes = true
      let end = chunk.firstIndex(of: UInt8(ascii: "\n"))
      line += chunk[..<(end ?? chunk.endIndex)]
      guard line.count <= limit else {
        throw DocumentError.lineTooLong(path: stream.path, line: number + 1, limit: limit)
      }
      chunk = end.map { chunk[($0 + 1)...] } ?? []
      if end != nil { break }
    }
    guard hasBytes else { return nil }
    number += 1
    return line
  }
}
