import Glibc

/// An open file, closed when its owner goes; every error says which file it is about.
package struct OpenedFile: ~Copyable, Sendable {
  /// The path, for messages.
  package let path: String
  /// The system's number of it.
  package let descriptor: Int32

  deinit { close(descriptor) }

  init(_ descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Opens a regular file for reading; a FIFO, a device or a folder is an error, never waited on.
  ///
  /// So is what Git LFS or git-annex put in the place of a file that they did not fetch.
  ///
  /// - Throws: `missing`, `unreadable` or `pointer`.
  package init(reading path: String) throws(FileError) {
    // Without O_NONBLOCK, opening a FIFO waits for a writer, perhaps for ever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    // A socket cannot be opened at all.
    if descriptor < 0, errno == ENXIO, let kind = FileKind(of: path) {
      throw .unreadable(path: path, reason: kind.refusal)
    }
    guard descriptor >= 0 else { throw .reading(path) }
    let kind = Self.kind(of: descriptor)
    guard kind == .regular else {
      close(descriptor)
      throw .unreadable(path: path, reason: kind.refusal)
    }
    let file = OpenedFile(descriptor, path: path)
    if try file.size() <= PointerFile.mostBytes,
      let pointer = PointerFile(try file.read(at: 0, count: 64), path: path)
    {
      throw .pointer(pointer)
    }
    self = file
  }

  /// Creates a file that was not there before.
  ///
  /// - Throws: `uncreatable` or `full`.
  package init(creating path: String) throws(FileError) {
    // O_EXCL follows no link either, not even one that leads nowhere.
    let descriptor = open(
      path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .creating(path) }
    self.init(descriptor, path: path)
  }

  /// Opens a regular file to add to its end, or creates it; links are not followed.
  ///
  /// - Throws: `uncreatable` or `full`.
  package init(appendingTo path: String) throws(FileError) {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let descriptor = open(path, flags, 0o666)
    // A FIFO without a reader cannot be opened for writing alone.
    if descriptor < 0, errno == ENXIO || errno == ELOOP, let kind = FileKind(unfollowed: path) {
      throw .uncreatable(path: path, reason: kind.refusal)
    }
    guard descriptor >= 0 else { throw .creating(path) }
    let kind = Self.kind(of: descriptor)
    guard kind == .regular else {
      close(descriptor)
      throw .uncreatable(path: path, reason: kind.refusal)
    }
    self.init(descriptor, path: path)
  }

  static func kind(of descriptor: Int32) -> FileKind {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? FileKind(status) : .unknown
  }

  func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .reading(path) }
    return status
  }

  /// The size in bytes.
  package func size() throws(FileError) -> Int { Int(try status().st_size) }

  /// Removes the content from an offset on; the next bytes are written there.
  package func truncate(to size: Int) throws(FileError) {
    guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) >= 0
    else { throw .writing(path) }
  }

  /// Waits until the bytes are on the disk; a failure is final, since another try may seem to work.
  package func synchronize() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw .writing(path) }
  }

  /// Whether the path still leads to this very file.
  package func isNamed() throws(FileError) -> Bool {
    var named = stat()
    guard lstat(path, &named) == 0 else { return false }
    return FileIdentity(named) == FileIdentity(try status())
  }
}

extension FileKind {
  /// The kind of a path itself, be it a link; nil where there is nothing.
  init?(unfollowed path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}
