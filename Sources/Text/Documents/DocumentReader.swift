import Base

/// One text of a data set: what is tokenised as a whole and never sees its neighbours.
package struct Document: Sendable, Equatable {
  /// The text before, which does not count in the loss; nil when all counts.
  package var prompt: String?
  /// The text, or the completion of the prompt.
  package var text: String
  /// The document's origin: a file, or `file:line`.
  package var source: String
  /// The group it is counted under besides the whole, such as its language; nil where no key was
  /// given, and for a file of plain text, which has no keys.
  package var group: String?

  /// The group of documents that do not say which is theirs.
  package static let otherGroup = "other"

  /// A document from its parts.
  package init(prompt: String? = nil, text: String, source: String, group: String? = nil) {
    self.prompt = prompt
    self.text = text
    self.source = source
    self.group = group
  }
}

/// The documents of files and folders, one at a time.
///
/// The content of a file, not its name, tells what it is; a pipe has no name at all:
/// - JSON objects, one or more a line, over several lines, or in one array: the text is under
///   `textKey`; an object with `prompt` and `completion` instead gives a document of which only the
///   completion counts in the loss. With a `groupKey`, the value there is the document's group.
///   Other keys' values are not looked at.
/// - Any other file is one plain text, unless it begins as JSON does, or is of a known format that
///   is neither: that is an error. `format` decides where the content should not.
/// - gzip (any number of members) and zstd (any number of frames) are undone.
/// - UTF-8 byte order marks at the start, and between objects, are dropped; UTF-16 is refused.
/// - Folders are searched to the bottom, in the order of names; hidden files are left out, and so
///   are the descriptions that lie beside data (see `passedOver`).
/// - Empty files and empty texts are counted and passed over.
package struct DocumentReader {
  /// The default limit of a JSON line's length, in bytes.
  package static let defaultLineByteLimit = 64 << 20
  /// The limit of a plain text's length, in bytes: it must fit in memory several times over.
  package static let textByteLimit = 1 << 30

  /// The number of files so far that had no bytes.
  package private(set) var emptyFileCount = 0
  /// The number of documents so far that had no text.
  package private(set) var emptyDocumentCount = 0

  /// The files of folders that describe the data and are no part of it, so far.
  package private(set) var passedOver: [String]

  private var files: ArraySlice<DataFile>
  private var records: (reader: RecordReader, file: DataFile, isAlone: Bool)?
  private let format: DataFormat
  private let textKey: String
  private let groupKey: String?
  private let lineByteLimit: Int

  /// Finds the files; none is read yet.
  /// - Throws: `DocumentError` when a path does not exist.
  package init(
    paths: [String], format: DataFormat = .auto, textKey: String = "text",
    groupKey: String? = nil, lineByteLimit: Int = DocumentReader.defaultLineByteLimit
  ) throws {
    let found = try DataFile.list(paths, format: format)
    files = found.files[...]
    passedOver = found.passedOver
    self.format = format
    self.textKey = textKey
    self.groupKey = groupKey
    self.lineByteLimit = lineByteLimit
  }

  /// The next document, or nil when all files are read.
  /// - Throws: `DocumentError`, naming file and line.
  package mutating func next() throws -> Document? {
    while true {
      if let document = try nextRecord() { return document }
      guard let file = files.popFirst() else { return nil }
      if let document = try open(file) { return document }
    }
  }

  /// Opens a file; the document, if it is one.
  private mutating func open(_ file: DataFile) throws -> Document? {
    do {
      switch try DocumentSource(file, format: format, lineByteLimit: lineByteLimit) {
      case .empty: emptyFileCount += 1
      case .text(let stream): return try text(of: stream)
      case .records(let reader, let isAlone): records = (reader, file, isAlone)
      }
    } catch let error as DocumentError where file.mayDescribeOthers && error.isOfContent {
      passedOver.append(file.path)
    }
    return nil
  }

  /// The next record's document; nil, and the file closed, when there is none left.
  private mutating func nextRecord() throws -> Document? {
    while let (_, file, isAlone) = records, let record = try records?.reader.next() {
      do {
        let document = try record.document(textKey: textKey, groupKey: groupKey, path: file.path)
        if !document.text.isEmpty { return document }
        emptyDocumentCount += 1
      } catch let error as DocumentError
        where file.mayDescribeOthers && isAlone && error.isOfContent
      {
        passedOver.append(file.path)
        break
      }
    }
    records = nil
    return nil
  }

  private func text(of stream: ByteStream) throws -> Document? {
    var bytes: [UInt8] = []
    while let more = try stream.next() {
      bytes += more
      guard bytes.count <= Self.textByteLimit else {
        throw DocumentError.fileTooLong(path: stream.path, limit: Self.textByteLimit)
      }
    }
    guard let text = String(validating: TextEncoding.withoutMark(bytes), as: UTF8.self) else {
      throw DocumentError.notUTF8(bytes, path: stream.path)
    }
    return Document(text: text, source: stream.path)
  }
}

extension DocumentError {
  /// Whether a file is sound JSON, or none, but holds no documents.
  fileprivate var isOfContent: Bool {
    switch self {
    case .missingKey, .noRecords, .notJSON, .brokenJSON: true
    default: false
    }
  }

  /// The error for a text that is not UTF-8, on the line of the first byte that is none.
  fileprivate static func notUTF8(_ bytes: [UInt8], path: String) -> DocumentError {
    var (decoder, iterator, valid) = (UTF8(), bytes.makeIterator(), 0)
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { valid += UTF8.width(scalar) }
    let line = 1 + bytes[..<valid].count { $0 == UInt8(ascii: "\n") }
    let hint = bytes.prefix(4096).contains(0) ? " (it looks like binary data)" : ""
    return .notUTF8(path: path, line: line, hint: hint)
  }
}
