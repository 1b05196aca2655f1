import Base

/// A lock on a folder that the system releases when the process ends, however it ends.
package struct FileLock: ~Copyable, Sendable {
  private let file: OpenedFile

  /// Takes the lock of a folder.
  ///
  /// - Throws: `RunError.locked` when another process holds it, `FileError` where there can be
  ///   none.
  package init(folder: String) throws {
    guard let file = try OpenedFile.claim(folder + "/.lock") else {
      throw RunError.locked(path: folder)
    }
    self.file = file
  }
}
