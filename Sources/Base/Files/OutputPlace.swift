import Foundation

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

/// The hidden names under which files and folders are written before they get their own.
///
/// Whoever writes holds a lock on what has such a name. So a name without a lock is what a killed
/// process left, and the next writer of the same output removes it.
enum TemporaryName {
  private static let suffix = ".partial"

  /// An unguessable name beside a path.
  static func new(for path: String) -> String {
    let random = String(UInt64.random(in: .min ... .max), radix: 16)
    return FolderSync.parent(of: path) + "/" + prefix(of: path) + random + suffix
  }

  private static func prefix(of path: String) -> String {
    var name = FolderSync.name(of: path)
    // Names end at 255 bytes.
    while name.utf8.count > 200 { name.removeLast() }
    return "." + name + "."
  }

  /// Removes what killed processes left of an output.
  static func removeLeftovers(of path: String) {
    let (folder, prefix) = (FolderSync.parent(of: path), prefix(of: path))
    guard let entries = opendir(folder) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      // In place, because an entry is shorter than the longest name.
      let name = withUnsafeMutablePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
      let random = name.dropFirst(prefix.count).dropLast(suffix.count)
      guard name.hasPrefix(prefix), name.hasSuffix(suffix), UInt64(random, radix: 16) != nil
      else { continue }
      removeUnlocked(folder + "/" + name)
    }
  }

  private static func removeUnlocked(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    let file = OpenedFile(descriptor, path: path)
    guard lock(file) else { return }
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Takes the lock of a file or folder; false if another process has it, or there are no locks.
  @discardableResult
  static func lock(_ file: borrowing OpenedFile) -> Bool {
    flock(file.descriptor, LOCK_EX | LOCK_NB) == 0
  }
}
