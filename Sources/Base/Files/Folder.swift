import Glibc

/// Folders made and listed with the system's own reasons; Foundation's tell a person nothing.
package enum Folder {
  /// Makes a folder, where it is not there, and those above it.
  ///
  /// - Throws: `uncreatable` or `full`.
  package static func make(_ path: String) throws(FileError) {
    if mkdir(path, 0o777) == 0 || isThere(path) { return }
    let parent = FolderSync.parent(of: trimmed(path))
    guard errno == ENOENT, parent != trimmed(path), !isThere(parent) else {
      throw .creating(path)
    }
    do { try make(parent) } catch {
      // What was asked for is named, not the folder above it.
      guard case .uncreatable(_, let reason) = error else { throw error }
      throw .uncreatable(path: path, reason: reason)
    }
    // Another process may have been quicker.
    guard mkdir(path, 0o777) == 0 || isThere(path) else { throw .creating(path) }
  }

  /// The reason that the entries of a folder cannot be read, in the system's words.
  package static func reasonNotListed(_ path: String) -> String {
    guard let folder = opendir(path) else { return String(cString: strerror(errno)) }
    closedir(folder)
    return "its entries cannot be read"
  }

  /// Whether a folder is there; leaves the last failure as it was.
  private static func isThere(_ path: String) -> Bool {
    let failure = errno
    defer { errno = failure }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// A path without the slashes at its end.
  static func trimmed(_ path: String) -> String {
    var path = path[...]
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }
}

/// Makes the names inside a folder outlast a power cut.
package enum FolderSync {
  /// Flushes a folder's entries to the disk.
  package static func flush(_ folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writing(folder) }
    let file = OpenedFile(descriptor, path: folder)
    // Some network file systems cannot flush a folder, and say so with EINVAL.
    guard fsync(file.descriptor) == 0 || errno == EINVAL else { throw .writing(folder) }
  }

  /// The folder that holds a path.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last part of a path.
  static func name(of path: String) -> Substring {
    path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
  }
}
