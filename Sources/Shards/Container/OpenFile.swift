import Base
import Foundation

/// An open file of a cache, whose errors say what it means for the cache.
struct OpenFile: ~Copyable {
  private let file: OpenedFile

  /// The path of the file.
  var path: String { file.path }

  private init(_ file: consuming OpenedFile) { self.file = file }

  /// Opens a regular file for reading.
  init(reading path: String) throws(ShardError) {
    do { file = try OpenedFile(reading: path) } catch { throw ShardError(error) }
  }

  /// Creates a file of a fixed name for this process alone, or empties its own leftover.
  init(creating path: String) throws(ShardError) {
    guard let file = try OpenFile.claim(path) else { throw .locked(path: path) }
    if try file.size() > 0 { try file.empty() }
    self = file
  }

  /// Creates a file, or opens one that is left over, for this process alone; nil if another has it.
  ///
  /// Bytes that are left over stay until `empty()`.
  static func claim(_ path: String) throws(ShardError) -> OpenFile? {
    do {
      guard let file = try OpenedFile.claim(path) else { return nil }
      return OpenFile(file)
    } catch { throw ShardError(error) }
  }

  /// Removes what the file holds.
  func empty() throws(ShardError) { try truncate(to: 0) }

  /// Removes what the file holds from a place on; what is written next follows there.
  func truncate(to size: Int) throws(ShardError) {
    do { try file.truncate(to: size) } catch { throw ShardError(error) }
  }

  /// The size of the file in bytes.
  func size() throws(ShardError) -> Int {
    do { return try file.size() } catch { throw ShardError(error) }
  }

  /// Reads `count` bytes from an offset; fewer only where the file ends.
  func read(at offset: Int, count: Int) throws(ShardError) -> [UInt8] {
    do { return try file.read(at: offset, count: count) } catch { throw ShardError(error) }
  }

  /// Reads the whole file, which may not be larger than `limit` bytes.
  func readAll(limit: Int) throws(ShardError) -> [UInt8] {
    let size = try size()
    guard size <= limit else {
      throw .corrupt(path: path, reason: "it has \(size) bytes where at most \(limit) make sense")
    }
    return try read(at: 0, count: size)
  }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws(ShardError) {
    do { try file.write(bytes) } catch { throw ShardError(error) }
  }

  /// Waits until the bytes are on the disk.
  ///
  /// A failure is final: trying again may report success.
  func synchronize() throws(ShardError) {
    do { try file.synchronize() } catch { throw ShardError(error) }
  }
}

extension ShardError {
  /// The error about a cache that an error about a file amounts to.
  init(_ error: FileError) {
    self =
      switch error {
      case .missing(let path): .missing(path: path)
      case .unreadable(let path, let reason):
        .system(path: path, operation: "read it", reason: reason)
      case .pointer(let pointer): .notFetched(pointer.description)
      case .interrupted(let path):
        .system(path: path, operation: "read it", reason: "the process was stopped")
      case .uncreatable(let path, let reason):
        .system(path: path, operation: "create it", reason: reason)
      case .unwritable(let path, let reason):
        .system(path: path, operation: "write it", reason: reason)
      case .full(let path): .diskFull(path: path)
      }
  }

  /// The error that the system's last failure amounts to.
  static func last(_ operation: String, _ path: String) -> ShardError {
    let code = errno
    if code == ENOSPC || code == EDQUOT { return .diskFull(path: path) }
    return .system(path: path, operation: operation, reason: String(cString: strerror(code)))
  }
}
