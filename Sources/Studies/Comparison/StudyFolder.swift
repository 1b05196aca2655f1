import Base
import Foundation
import Training

/// The folder of a comparison, made if need be, and locked for as long as this is kept.
struct StudyFolder: ~Copyable {
  private let path: String
  private let isNew: Bool
  private let lock: FileLock

  /// Makes and locks a folder.
  ///
  /// - Throws: `RunError`, `FileError`.
  init(_ path: String) throws {
    isNew = !FileManager.default.fileExists(atPath: path)
    self.path = path
    try Folder.make(path)
    lock = try FileLock(folder: path)
  }

  /// Removes a folder that was made for nothing.
  borrowing func removeIfNew() {
    guard isNew else { return }
    try? FileManager.default.removeItem(atPath: path)
  }
}
