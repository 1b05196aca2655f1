import Glibc

extension OpenedFile {
  /// Creates a file of a fixed name, or opens the one that is left over, for this process alone; nil
  /// if another has it.
  ///
  /// The claim goes with the descriptor, so that the system frees it when the process ends, however
  /// it ends. A leftover keeps its bytes if it is this user's own and has no second name; anything
  /// else under the name (a link, a FIFO, another user's file) is removed first, never followed.
  ///
  /// - Throws: `uncreatable`, `full`.
  package static func claim(_ path: String) throws(FileError) -> OpenedFile? {
    while true {
      guard let file = try openOwn(path) else { continue }
      guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
        if errno == EWOULDBLOCK { return nil }
        throw .creating(path)
      }
      // Its owner may have renamed or removed it between the two calls: then it is not ours.
      if try file.isNamed() { return file }
    }
  }

  /// Opens the file of a claim; nil where what was there had to go, or went by itself.
  private static func openOwn(_ path: String) throws(FileError) -> OpenedFile? {
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let descriptor = open(path, flags, 0o666)
    if descriptor < 0 {
      guard errno == ELOOP || errno == ENXIO else { throw .creating(path) }
      try remove(path)
      return nil
    }
    let file = OpenedFile(descriptor, path: path)
    let status = try file.status()
    // Without a name it went by itself, and what has the name now is another's.
    if status.st_nlink == 0 { return nil }
    if FileKind(status) == .regular, status.st_nlink == 1, status.st_uid == geteuid() {
      return file
    }
    try remove(path)
    return nil
  }

  private static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .creating(path) }
  }
}
