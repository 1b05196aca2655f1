/// The documents of files and folders, one at a time.
///
/// - A `.jsonl` or `.ndjson` file has a JSON object a line; blank lines are passed over. The text is
///   under `textKey`; a line with `prompt` and `completion` instead gives a document of which only
///   the completion counts in the loss. With a `groupKey`, the value there is the document's group.
/// - Any other file is one plain text.
/// - `.gz` (any number of members) and `.zst` (any number of frames) after either are undone.
/// - A UTF-8 byte order mark at a file's start is dropped; UTF-16 is refused.
/// - Folders are searched to the bottom, in the order of names; hidden files are left out.
/// - Empty files and empty texts are counted and passed over.
public struct DocumentReader {
  /// How long a line of JSON may be unless said otherwise, in bytes.
  public static let defaultLineByteLimit = 64 << 20
  /// How long a plain text may be, in bytes: it must fit in memory several times over.
  public static let textByteLimit = 1 << 30

  /// How many files had no bytes so far.
  public private(set) var emptyFileCount = 0
  /// How many documents had no text so far.
  public private(set) var emptyDocumentCount = 0

  private var files: ArraySlice<DataFile>
  private var lines: (reader: LineReader, file: DataFile)?
  private let textKey: String
  private let groupKey: String?
  private let lineByteLimit: Int

  /// Finds the files; none is read yet.
  /// - Throws: `DocumentError` when a path does not exist.
  public init(
    paths: [String], textKey: String = "text", groupKey: String? = nil,
    lineByteLimit: Int = DocumentReader.defaultLineByteLimit
  ) throws {
    files = try DataFile.list(paths)[...]
    self.textKey = textKey
    self.groupKey = groupKey
    self.lineByteLimit = lineByteLimit
  }

  /// The next document, or nil when all files are read.
  /// - Throws: `DocumentError`, naming file and line.
  public mutating func next() throws -> Document? {
    while true {
      if lines == nil {
        guard let file = files.popFirst() else { return nil }
        if !file.isLines {
          if let document = try text(of: file) { return document }
          continue
        }
        lines = (try LineReader(file, limit: lineByteLimit), file)
      }
      if let document = try nextLine() { return document }
    }
  }

  /// The next line's document; nil, and the file closed, when there is none left.
  private mutating func nextLine() throws -> Document? {
    while let (_, file) = lines, let line = try lines?.reader.next() {
      let number = lines?.reader.number ?? 0
      let bytes = number == 1 ? Self.withoutMark(line[...]) : line[...]
      guard bytes.contains(where: { !JSONLine.isBlank($0) }) else { continue }
      let parsed = try JSONLine(bytes, path: file.path, number: number)
      let document = try parsed.document(textKey: textKey, groupKey: groupKey)
      if !document.text.isEmpty { return document }
      emptyDocumentCount += 1
    }
    if lines?.reader.number == 0 { emptyFileCount += 1 }
    lines = nil
    return nil
  }

  private mutating func text(of file: DataFile) throws -> Document? {
    let stream = try ByteStream(file)
    var bytes: [UInt8] = []
    while let more = try stream.next() {
      bytes += more
      guard bytes.count <= Self.textByteLimit else {
        throw DocumentError.fileTooLong(path: file.path, limit: Self.textByteLimit)
      }
    }
    let body = Self.withoutMark(bytes[...])
    guard !body.isEmpty else {
      emptyFileCount += 1
      return nil
    }
    guard let text = String(validating: body, as: UTF8.self) else {
      throw InvalidUTF8.error(in: bytes, path: file.path)
    }
    return Document(text: text, source: file.path)
  }

  /// The bytes without a UTF-8 byte order mark at their start.
  private static func withoutMark(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
  }
}
