import Foundation

/// The bytes of a file in pieces, decompressed on the way.
enum ByteStream {
  case plain(FileChunks)
  case gzip(GzipChunks)
  case zstd(ZstdChunks)

  /// Opens a file.
  init(_ file: DataFile) throws {
    let chunks = try FileChunks(file.path)
    switch file.compression {
    case .none: self = .plain(chunks)
    case .gzip: self = .gzip(try GzipChunks(chunks))
    case .zstd: self = .zstd(try ZstdChunks(chunks))
    }
  }

  /// The next bytes, at least one, or nil at the end.
  func next() throws -> [UInt8]? {
    switch self {
    case .plain(let chunks): try chunks.next()
    case .gzip(let chunks): try chunks.next()
    case .zstd(let chunks): try chunks.next()
    }
  }
}

/// A file's bytes as they lie on disk, in pieces of `size`.
final class FileChunks {
  /// How many bytes a piece has at most.
  static let size = 1 << 18

  /// The path, for errors.
  let path: String
  private let handle: FileHandle

  /// Opens a file for reading.
  init(_ path: String) throws {
    self.path = path
    do {
      handle = try FileHandle(forReadingFrom: URL(filePath: path))
    } catch {
      throw DocumentError.unreadable(path: path, reason: error.localizedDescription)
    }
  }

  deinit { try? handle.close() }

  /// The next bytes, at least one, or nil at the end.
  func next() throws -> [UInt8]? {
    do {
      guard let data = try handle.read(upToCount: Self.size), !data.isEmpty else { return nil }
      return Array(data)
    } catch {
      throw DocumentError.unreadable(path: path, reason: error.localizedDescription)
    }
  }
}
