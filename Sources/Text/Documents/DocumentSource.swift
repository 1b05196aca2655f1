import Base

/// The content that a file turned out to have when it was opened.
enum DocumentSource {
  /// Nothing but perhaps a byte order mark.
  case empty
  /// One text.
  case text(ByteStream)
  /// JSON objects; `isAlone` where the file seems to be one object.
  case records(RecordReader, isAlone: Bool)

  /// Opens a file and decides by its content what it is.
  ///
  /// - Throws: `DocumentError` for what is neither text nor records.
  init(_ file: DataFile, format: DataFormat, lineByteLimit: Int) throws {
    let stream = try ByteStream(file)
    var head = try stream.peek(512)
    if let pointer = PointerFile(head, path: file.path) {
      throw DocumentError.notFetched(pointer.description)
    }
    if let encoding = TextEncoding.besidesUTF8(head) {
      throw DocumentError.notUTF8(
        path: file.path, line: 1, hint: " but \(encoding) (iconv -f \(encoding) -t UTF-8)")
    }
    if head.isEmpty || head == TextEncoding.mark {
      self = .empty
      return
    }
    guard format != .text else {
      self = .text(stream)
      return
    }
    if let foreign = ForeignFormat(head) { throw DocumentError.unsupported(file, foreign) }
    let first = TextEncoding.withoutMark(head).first { !JSONRecord.isBlank($0) }
    if first.map({ "{[".utf8.contains($0) }) ?? true { head = try stream.peek(ContentGuess.span) }
    let guess = ContentGuess(
      Array(TextEncoding.withoutMark(head)), isWhole: stream.hasPeekedAll)
    self = try Self.open(file, stream, guess, format: format, limit: lineByteLimit)
  }

  private static func open(
    _ file: DataFile, _ stream: ByteStream, _ guess: ContentGuess, format: DataFormat, limit: Int
  ) throws -> DocumentSource {
    let areLinesMeant = format == .jsonl || file.promise == .lines
    switch guess {
    case .text where !areLinesMeant:
      if file.promise == .json { throw DocumentError.notJSON(path: file.path) }
      if let foreign = ForeignFormat(named: file.name) {
        throw DocumentError.unsupported(file, foreign)
      }
      return .text(stream)
    case .broken(let line, let reason) where !areLinesMeant:
      throw DocumentError.brokenJSON(path: file.path, line: line, reason: reason)
    case .noRecords(let found):
      throw DocumentError.noRecords(path: file.path, found: found)
    default:
      return .records(
        RecordReader(stream, guess, limit: limit), isAlone: guess == .loneObject)
    }
  }
}

extension DocumentError {
  fileprivate static func unsupported(_ file: DataFile, _ format: ForeignFormat) -> DocumentError {
    .unsupported(path: file.path, format: format.name, remedy: format.remedy)
  }
}
