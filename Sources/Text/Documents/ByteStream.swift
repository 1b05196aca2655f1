import Base

/// The bytes of a file in pieces, decompressed on the way where their first bytes say so.
final class ByteStream {
  /// The path, for errors.
  let path: String
  private let source: Source
  private var ahead: [UInt8] = []
  /// Whether `peek` gave all that is left.
  private(set) var hasPeekedAll = false

  private enum Source {
    case plain(FileChunks)
    case gzip(GzipChunks)
    case zstd(ZstdChunks)
  }

  /// Opens a file.
  init(_ file: DataFile) throws {
    path = file.path
    let chunks = try FileChunks(file)
    let found = Compression(try chunks.peek(4))
    // Programs that decompress on the way leave the name as it was; but a few bytes are no text.
    if let named = file.compression, found == nil, (1..<4).contains(try chunks.peek(4).count) {
      throw DocumentError.truncated(path: file.path, format: named.rawValue)
    }
    switch found {
    case nil: source = .plain(chunks)
    case .gzip: source = .gzip(try GzipChunks(chunks))
    case .zstd: source = .zstd(try ZstdChunks(chunks))
    }
  }

  /// The next bytes, at least one, or nil at the end.
  func next() throws -> [UInt8]? {
    guard ahead.isEmpty else {
      defer { ahead = [] }
      return ahead
    }
    return try hasPeekedAll ? nil : read()
  }

  /// The bytes that come next, at least so many if there are, which `next` gives again.
  func peek(_ count: Int) throws -> [UInt8] {
    while !hasPeekedAll, ahead.count < count {
      guard let more = try read() else {
        hasPeekedAll = true
        break
      }
      ahead += more
    }
    return ahead
  }

  private func read() throws -> [UInt8]? {
    switch source {
    case .plain(let chunks): try chunks.next()
    case .gzip(let chunks): try chunks.next()
    case .zstd(let chunks): try chunks.next()
    }
  }
}

/// The compression of a file's bytes.
enum Compression: String {
  case gzip, zstd

  /// The compression that the first four bytes tell; nil for none.
  init?(_ bytes: [UInt8]) {
    if bytes.starts(with: [0x1F, 0x8B]) {
      self = .gzip
    } else if bytes.count >= 4, ZstdFrameHeader.mayBegin(bytes) {
      self = .zstd
    } else {
      return nil
    }
  }
}

/// A file's bytes as they lie on disk, in pieces of `size`.
final class FileChunks {
  /// The largest size of a piece, in bytes.
  static let size = 1 << 18

  /// The path, for errors.
  let path: String
  private let file: OpenedFile
  private var ahead: [UInt8] = []

  /// Opens a file for reading.
  init(_ file: DataFile) throws {
    path = file.path
    do {
      self.file =
        file.isStream
        ? try OpenedFile(streaming: file.path) : try OpenedFile(reading: file.path)
    } catch {
      throw DocumentError.because(of: error)
    }
  }

  /// The next bytes, at least one, or nil at the end.
  func next() throws -> [UInt8]? {
    guard ahead.isEmpty else {
      defer { ahead = [] }
      return ahead
    }
    return try read()
  }

  /// The bytes that come next, at least so many if there are, which `next` gives again.
  ///
  /// A pipe gives what it has, so that one piece may be a byte.
  func peek(_ count: Int) throws -> [UInt8] {
    while ahead.count < count, let more = try read() { ahead += more }
    return ahead
  }

  private func read() throws -> [UInt8]? {
    do {
      let bytes = try file.next(count: Self.size)
      return bytes.isEmpty ? nil : bytes
    } catch {
      throw DocumentError.because(of: error)
    }
  }
}

extension DocumentError {
  /// The error about data that an error about a file amounts to.
  fileprivate static func because(of error: FileError) -> any Error {
    switch error {
    case .missing(let path): DocumentError.missing(path: path)
    case .unreadable(let path, let reason): DocumentError.unreadable(path: path, reason: reason)
    case .pointer(let pointer): DocumentError.notFetched(pointer.description)
    default: error
    }
  }
}
