/// The lines of JSON-lines files, one after the other, however long the files are.
package struct ScoredLines {
  /// A line that is not blank, and where it is.
  package struct Line: Sendable {
    package let bytes: [UInt8]
    package let path: String
    package let number: Int

    /// A line of a file, numbered from 1.
    package init(bytes: [UInt8], path: String, number: Int) {
      (self.bytes, self.path, self.number) = (bytes, path, number)
    }
  }

  private static let byteLimit = 1 << 30
  private var files: ArraySlice<DataFile>
  private var reader: (lines: LineReader, path: String)?

  /// The lines of files and folders; `.gz` and `.zst` are undone.
  ///
  /// - Throws: `DocumentError` when a path does not exist.
  package init(paths: [String]) throws { files = try DataFile.list(paths)[...] }

  /// The next line, or nil when all files are read.
  package mutating func next() throws -> Line? {
    while true {
      if reader == nil {
        guard let file = files.popFirst() else { return nil }
        reader = (try LineReader(file, limit: Self.byteLimit), file.path)
      }
      while let path = reader?.path, let bytes = try reader?.lines.next() {
        guard bytes.contains(where: { !JSONLine.isBlank($0) }) else { continue }
        return Line(bytes: bytes, path: path, number: reader?.lines.number ?? 0)
      }
      reader = nil
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
