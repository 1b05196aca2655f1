import Foundation

/// A lock on a folder that the system releases when the process ends, however it ends.
public struct FileLock: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Takes the lock of a folder.
  ///
  /// Throws: `locked` when another process holds it.
  public init(folder: String) throws(RunError) {
    let path = folder + "/.lock"
    descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .creating(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      throw code == EWOULDBLOCK
        ? .locked(path: folder)
        : .cannotWrite(
          path: path, reason: String(cString: strerror(code)))
    }
  }

  deinit { close(descriptor) }
}
