import Glibc

/// A file that appears under its name only when it is complete and on disk.
///
/// Bytes go to a temporary file in the same folder, which `commit` flushes and renames; without it
/// the temporary file is removed.
struct AtomicFile: ~Copyable {
  private let path: String
  private let temporary: String
  private let descriptor: Int32
  private var isCommitted = false

  /// Creates the temporary file.
  ///
  /// - Throws: `CheckpointError.unwritable`.
  init(path: String) throws(CheckpointError) {
    let temporary = "\(path).\(getpid()).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemReason()) }
    self.path = path
    self.temporary = temporary
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(temporary) }
  }

  /// Appends bytes.
  borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw .unwritable(path: path, reason: systemReason()) }
      rest = rest.dropFirst(written)
    }
  }

  /// Flushes the file and gives it its name.
  consuming func commit() throws(CheckpointError) {
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw .unwritable(path: path, reason: systemReason())
    }
    isCommitted = true
    try FolderSync.flush(FolderSync.parent(of: path))
  }
}

/// Makes the names inside a folder durable.
enum FolderSync {
  /// Flushes a folder's entries to disk.
  static func flush(_ folder: String) throws(CheckpointError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unwritable(path: folder, reason: systemReason()) }
    defer { close(descriptor) }
    // Some network file systems cannot flush a folder, and say so with EINVAL.
    if fsync(descriptor) != 0, errno != EINVAL {
      throw .unwritable(path: folder, reason: systemReason())
    }
  }

  /// The folder that holds a path.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
