import Glibc

extension OpenedFile {
  /// Creates a file of a fixed name, or opens the one that is left over, for this process alone;
  /// nil if another has it.
  ///
  /// The claim goes with the descriptor, so that the system frees it when the process ends, however
  /// it ends. A leftover keeps its bytes if it is this user's own and has no second name; a link, a
  /// file with two names, another user's file is removed first, never followed or written.
  ///
  /// - Throws: `uncreatable`, `full`.
  package static func claim(_ path: String) throws(FileError) -> OpenedFile? {
    while true {
      guard let file = try openUnfollowed(path) else { continue }
      guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
        if errno == EWOULDBLOCK { return nil }
        throw .creating(path)
      }
      // Its owner may have renamed or removed it between the two calls: then it is not ours.
      guard try file.isNamed() else { continue }
      if try file.isOwn() { return file }
      try remove(path)
    }
  }

  /// Whether a leftover can only be this user's: nobody else made it, no other name leads to it.
  private func isOwn() throws(FileError) -> Bool {
    let status = try status()
    return FileKind(status) == .regular && status.st_nlink == 1 && status.st_uid == geteuid()
  }

  /// Opens or creates the file of a claim; nil where a link had to go.
  private static func openUnfollowed(_ path: String) throws(FileError) -> OpenedFile? {
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let descriptor = open(path, flags, 0o666)
    if descriptor >= 0 { return OpenedFile(descriptor, path: path) }
    // A link, or a socket.
    guard errno == ELOOP || errno == ENXIO else { throw .creating(path) }
    try remove(path)
    return nil
  }

  /// Removes what stands in the way of a claim, which is never more than a link or a file.
  private static func remove(_ path: String) throws(FileError) {
    let kind = FileKind(unfollowed: path)
    guard kind == .link || kind == .regular || kind == nil else {
      throw .uncreatable(path: path, reason: "it is there, and is \(kind?.rawValue ?? "")")
    }
    guard unlink(path) == 0 || errno == ENOENT else { throw .creating(path) }
  }
}
