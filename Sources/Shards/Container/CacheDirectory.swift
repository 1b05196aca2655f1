import Files
import Foundation

/// The folder of a cache: the names in it, and writes that are whole or absent.
struct CacheDirectory: Sendable {
  static let manifest = "manifest.json"
  static let capture = "capture.json"
  static let checksums = "SHA256SUMS"
  static let lock = "cache.lock"
  static let temporarySuffix = ".tmp"

  let path: String

  init(_ url: URL) { path = url.path(percentEncoded: false) }

  init(path: String) { self.path = path }

  /// The name of a shard's file.
  static func shard(_ number: Int) -> String {
    "shard-" + padded(number, to: 5) + ".kd.zst"
  }

  /// The name of a part's coding tables.
  static func tables(_ part: Int) -> String { "tables-" + padded(part, to: 3) + ".zst" }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// The number of the shard that a name is given to; nil for other names.
  static func shardNumber(_ name: String) -> Int? { number(in: name, "shard-", ".kd.zst", shard) }

  /// The number of the part whose tables have a name; nil for other names.
  static func tablesNumber(_ name: String) -> Int? { number(in: name, "tables-", ".zst", tables) }

  private static func number(
    in name: String, _ prefix: String, _ suffix: String, _ spelled: (Int) -> String
  ) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
    let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
    return Int(digits).flatMap { $0 >= 0 && spelled($0) == name ? $0 : nil }
  }

  /// Whether this module gives a name, finished or temporary; strangers' files are left alone.
  static func isOwn(_ name: String) -> Bool {
    if name == lock { return true }
    let name = name.hasSuffix(temporarySuffix) ? String(name.dropLast(temporarySuffix.count)) : name
    return [capture, manifest, checksums].contains(name) || shardNumber(name) != nil
      || tablesNumber(name) != nil
  }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

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
