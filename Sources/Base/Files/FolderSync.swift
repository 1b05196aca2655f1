import Glibc

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
