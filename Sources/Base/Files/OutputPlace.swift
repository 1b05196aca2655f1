import Glibc

/// The place of an output: the path behind any links, and what stands there now.
struct OutputPlace {
  /// The path itself, no link.
  let path: String
  /// The status of what is there and will be replaced; nil where there is nothing.
  let old: stat?

  /// Finds the place of a file or folder.
  ///
  /// - Throws: `uncreatable` where something else than `kind` stands: a rename would put a file in
  ///   the place of `/dev/null` itself.
  init(of named: String, replacing kind: FileKind) throws(FileError) {
    var status = stat()
    // Here and not only below, because the system refuses links that others laid into /tmp.
    if stat(named, &status) != 0, errno != ENOENT { throw .creating(named) }
    var path = named
    for _ in 0..<40 {
      guard lstat(path, &status) == 0 else {
        self.init(path: path, old: nil)
        return
      }
      let found = FileKind(status)
      if found == kind {
        self.init(path: path, old: status)
        return
      }
      guard found == .link, let target = Link.target(of: path) else {
        throw .uncreatable(path: named, reason: "it is there, and is \(found.rawValue)")
      }
      path = target
    }
    throw .uncreatable(path: named, reason: "too many links")
  }

  private init(path: String, old: stat?) {
    self.path = path
    self.old = old
  }

  /// Gives a new file the owner, as far as that is permitted, and the mode of what it replaces.
  func dress(_ file: borrowing OpenedFile) throws(FileError) {
    guard let old else { return }
    // Fails for all but root, whose files the owner could no longer read without it.
    _ = fchown(file.descriptor, old.st_uid, old.st_gid)
    guard fchmod(file.descriptor, old.st_mode & 0o777) == 0 else { throw .creating(file.path) }
  }
}
