import Foundation

/// The folder of a cache: the names in it, and writes that are whole or absent.
struct CacheDirectory: Sendable {
  static let manifest = "manifest.json"
  static let capture = "capture.json"
  static let checksums = "SHA256SUMS"
  static let tables = "tables.zst"
  static let temporarySuffix = ".tmp"

  let path: String

  init(_ url: URL) { path = url.path(percentEncoded: false) }

  /// The name of a shard's file.
  static func shard(_ number: Int) -> String {
    let digits = String(number)
    return "shard-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".kd.zst"
  }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

  func exists(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

  /// Makes the folder and those above it.
  func create() throws(ShardError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .system(path: path, operation: "create the folder", reason: error.localizedDescription)
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
    let temporary = path(name + Self.temporarySuffix)
    do {
      let file = try OpenFile(creating: temporary)
      try file.write(bytes)
      try file.synchronize()
    } catch {
      unlink(temporary)
      throw error
    }
    try commit(name)
  }

  /// Gives a written and synchronized temporary file its name, durably.
  func commit(_ name: String) throws(ShardError) {
    let temporary = path(name + Self.temporarySuffix)
    guard rename(temporary, path(name)) == 0 else {
      let error = ShardError.last("rename the file", path(name))
      unlink(temporary)
      throw error
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
  func synchronize() throws(ShardError) { try OpenFile(reading: path).synchronize() }
}

/// The right to write into a folder, held until the object goes; the system frees it on a kill.
final class DirectoryLock: Sendable {
  private let descriptor: Int32

  deinit { close(descriptor) }

  init(_ directory: CacheDirectory) throws(ShardError) {
    descriptor = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("open the folder", directory.path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK
        ? .locked(path: directory.path) : .last("lock the folder", directory.path)
    }
  }
}
