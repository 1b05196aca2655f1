import Base
import Foundation

/// Writes that are whole or absent.
extension CacheDirectory {
  /// Whether a file of a name is there.
  func exists(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

  /// Makes the folder and those above it.
  func create() throws(ShardError) {
    do { try Folder.make(path) } catch {
      guard case .uncreatable(_, let reason) = error else { throw .diskFull(path: path) }
      throw .system(path: path, operation: "create the folder", reason: reason)
    }
  }

  /// The names in the folder, sorted.
  func names() throws(ShardError) -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw .missing(path: path)
    }
  }

  /// Reads a small file.
  func read(_ name: String, limit: Int = 256 << 20) throws(ShardError) -> [UInt8] {
    try OpenFile(reading: path(name)).readAll(limit: limit)
  }

  /// Writes a file so that it is there whole, or not at all, whatever happens meanwhile.
  func write(_ bytes: [UInt8], to name: String) throws(ShardError) {
    try prepare(bytes, for: name)
    do throws(ShardError) { try commit(name) } catch {
      unlink(path(name + Self.temporarySuffix))
      throw error
    }
  }

  /// Writes a file under its temporary name, and waits until it is on the disk.
  func prepare(_ bytes: [UInt8], for name: String) throws(ShardError) {
    let temporary = path(name + Self.temporarySuffix)
    // Outside of the catch, which must not remove what another process has claimed.
    let file = try OpenFile(creating: temporary)
    do {
      try file.write(bytes)
      try file.synchronize()
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Gives a written and synchronized temporary file its name, durably; if it cannot, the temporary
  /// file stays.
  func commit(_ name: String) throws(ShardError) {
    // A rename would put a file in the place of a device or a FIFO.
    if let kind = FileKind(of: path(name)), kind != .regular {
      throw .system(
        path: path(name), operation: "create the file",
        reason: "it is there, and is \(kind.rawValue)")
    }
    guard rename(path(name + Self.temporarySuffix), path(name)) == 0 else {
      throw .last("rename the file", path(name))
    }
    try synchronize()
  }

  /// Removes a file if it is there.
  func remove(_ name: String) throws(ShardError) {
    guard unlink(path(name)) == 0 || errno == ENOENT else {
      throw .last("remove the file", path(name))
    }
  }

  /// Waits until the folder's names are on the disk.
  func synchronize() throws(ShardError) {
    do { try FolderSync.flush(path) } catch { throw ShardError(error) }
  }
}

/// The right to change what a folder says about itself, held for as short as can be.
///
/// It is a lock file that goes with its owner: removed at the end, and free after a kill.
/// Shards are not under it; each has a claim of its own (`ShardWriter`).
struct DirectoryLock: ~Copyable {
  private let file: OpenFile

  // The name goes before the claim, so that whoever waits finds that the file is no longer named.
  deinit { unlink(file.path) }

  /// Takes the lock; throws `locked` if another process keeps it for longer than `patience`.
  init(_ directory: CacheDirectory, patience: Duration = .seconds(10)) throws(ShardError) {
    let deadline = ContinuousClock.now + patience
    while true {
      if let file = try OpenFile.claim(directory.path(CacheDirectory.lock)) {
        self.file = file
        return
      }
      guard ContinuousClock.now < deadline else { throw .locked(path: directory.path) }
      usleep(5000)
    }
  }
}
