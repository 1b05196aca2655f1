import Foundation
import Glibc

/// A folder that appears under its name only when it is complete and on disk.
struct PendingFolder: ~Copyable {
  private let path: String
  private let temporary: String
  private let replacing: Bool

  /// Makes the temporary folder next to the target.
  ///
  /// - Throws: `CheckpointError.exists` when something is at the target and may not be replaced,
  ///   `.unwritable` when the folder cannot be made.
  init(path: String, replacing: Bool) throws(CheckpointError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard replacing || Self.isFree(path) else { throw .exists(path: path) }
    let temporary = "\(path).\(getpid()).partial"
    try Self.make(temporary, parent: FolderSync.parent(of: path))
    self.path = path
    self.temporary = temporary
    self.replacing = replacing
  }

  private static func make(_ folder: String, parent: String) throws(CheckpointError) {
    do {
      let manager = FileManager.default
      if manager.fileExists(atPath: folder) { try manager.removeItem(atPath: folder) }
      try manager.createDirectory(atPath: parent, withIntermediateDirectories: true)
    } catch { throw .unwritable(path: folder, reason: error.localizedDescription) }
    guard mkdir(folder, 0o777) == 0 else {
      throw .unwritable(path: folder, reason: systemReason())
    }
  }

  deinit {
    // After a commit this is either gone or what the target was before.
    try? FileManager.default.removeItem(atPath: temporary)
  }

  /// The path of a file inside, while the folder is pending.
  func file(_ name: String) -> String { temporary + "/" + name }

  /// Writes a whole file inside.
  func write(_ data: Data, as name: String) throws {
    let file = try AtomicFile(path: file(name))
    try data.withUnsafeBytes { try file.write($0) }
    try file.commit()
  }

  /// Gives the folder its name, in place of what was there if that is allowed.
  consuming func commit() throws(CheckpointError) {
    try FolderSync.flush(temporary)
    if rename(temporary, path) != 0 {
      guard errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR else {
        throw .unwritable(path: path, reason: systemReason())
      }
      guard replacing else { throw .exists(path: path) }
      try exchange()
    }
    try FolderSync.flush(FolderSync.parent(of: path))
  }

  // In one step where the system can, so that there is a whole folder at every instant.
  private borrowing func exchange() throws(CheckpointError) {
    if Self.exchange(temporary, path) { return }
    let old = temporary + ".old"
    guard rename(path, old) == 0, rename(temporary, path) == 0, rename(old, temporary) == 0
    else { throw .unwritable(path: path, reason: systemReason()) }
  }

  // Swift's Glibc module does not show renameat2, which needs a feature macro.
  private static func exchange(_ one: String, _ other: String) -> Bool {
    typealias Rename =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32
    guard let symbol = dlsym(nil, "renameat2") else { return false }
    let exchangeFlag: UInt32 = 2  // RENAME_EXCHANGE
    return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, one, AT_FDCWD, other, exchangeFlag)
      == 0
  }

  private static func isFree(_ path: String) -> Bool {
    let manager = FileManager.default
    guard manager.fileExists(atPath: path) else { return true }
    return (try? manager.contentsOfDirectory(atPath: path).isEmpty) ?? false
  }
}
