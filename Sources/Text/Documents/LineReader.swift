/// A file's lines, one at a time, however long the file is.
struct LineReader {
  private let stream: ByteStream
  private let path: String
  private let limit: Int
  private var chunk: ArraySlice<UInt8> = []

  /// The number of the line that `next` gave last, from 1.
  private(set) var number = 0

  /// The lines of a stream, which may be `limit` bytes long.
  init(_ stream: ByteStream, limit: Int) {
    self.stream = stream
    self.limit = limit
    path = stream.path
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
        throw DocumentError.lineTooLong(path: path, line: number + 1, limit: limit)
      }
      chunk = end.map { chunk[($0 + 1)...] } ?? []
      if end != nil { break }
    }
    guard hasBytes else { return nil }
    number += 1
    return line
  }
}
