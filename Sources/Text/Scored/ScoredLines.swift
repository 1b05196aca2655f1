/// The lines of JSON-lines files, one after the other, however long the files are.
package struct ScoredLines {
  /// A line that is not blank, and its place.
  package struct Line: Sendable {
    package let bytes: [UInt8]
    package let path: String
    package let number: Int

    /// A line of a file, numbered from 1.
    package init(bytes: [UInt8], path: String, number: Int) {
      self.bytes = bytes
      self.path = path
      self.number = number
    }
  }

  /// The files of folders that describe the others and are not read.
  package let passedOver: [String]

  private static let byteLimit = 1 << 30
  private var files: ArraySlice<DataFile>
  private var reader: (records: RecordReader, path: String)?

  /// The lines of files and folders, or the objects of an array; `.gz` and `.zst` are undone.
  ///
  /// - Throws: `DocumentError` when a path does not exist, or can be read only once.
  package init(paths: [String]) throws {
    let found = try DataFile.list(paths, format: .jsonl)
    files = found.files[...]
    passedOver = found.passedOver
    if let stream = files.first(where: \.isStream) {
      throw DocumentError.readOnce(path: stream.path)
    }
  }

  /// The next line, or nil when all files are read.
  package mutating func next() throws -> Line? {
    while true {
      while let path = reader?.path, let (bytes, number) = try reader?.records.nextBytes() {
        return Line(bytes: Array(bytes), path: path, number: number)
      }
      reader = nil
      guard let file = files.popFirst() else { return nil }
      let source = try DocumentSource(file, format: .jsonl, lineByteLimit: Self.byteLimit)
      if case .records(let records, _) = source { reader = (records, file.path) }
    }
  }

  /// The lines that come next, at most so many, and not many more bytes than stated.
  package mutating func next(_ count: Int, bytes limit: Int) throws -> [Line] {
    var (lines, bytes) = ([Line](), 0)
    while lines.count < count, bytes < limit, let line = try next() {
      lines.append(line)
      bytes += line.bytes.count
    }
    return lines
  }
}
