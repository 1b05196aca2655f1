import Glibc
import Synchronization

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

extension OpenedFile {
  /// Opens what a user names as data: a regular file, or one of the process's own streams.
  ///
  /// `/dev/stdin`, `/dev/fd/N`, and what links to them are streams, whatever is at their other end;
  /// so standard input and `<(command)` work, and a FIFO that stands in a folder is never waited
  /// on.
  ///
  /// - Throws: `missing` or `unreadable`.
  package init(streaming path: String) throws(FileError) {
    let number = Self.streamNumber(of: path)
    self =
      if let number {
        try OpenedFile(duplicating: number, path: path)
      } else {
        try OpenedFile(reading: path)
      }
  }

  private init(duplicating number: Int32, path: String) throws(FileError) {
    let kind = Self.kind(of: number)
    // A file behind a redirection has a beginning to return to, which a copy would not see.
    let descriptor =
      kind == .regular
      ? open("/proc/self/fd/\(number)", O_RDONLY | O_CLOEXEC) : fcntl(number, F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0 else { throw .missing(path: path) }
    guard kind != .folder, Self.isUnread(descriptor, kind) else {
      close(descriptor)
      throw .unreadable(
        path: path,
        reason: kind == .folder
          ? kind.refusal
          : "it is a stream, which can be read once, and it is needed more often; use a file")
    }
    self.init(descriptor, path: path)
  }

  private static let streams = Mutex<Set<FileIdentity>>([])

  /// Notes that a stream is read, and tells whether it was not before: reading it again would find
  /// nothing, and pass that off as its contents.
  private static func isUnread(_ descriptor: Int32, _ kind: FileKind) -> Bool {
    var status = stat()
    guard kind == .pipe || kind == .socket, fstat(descriptor, &status) == 0 else { return true }
    let identity = FileIdentity(status)
    return streams.withLock { $0.insert(identity).inserted }
  }

  /// Whether a path means a stream of this process.
  package static func isStream(_ path: String) -> Bool { streamNumber(of: path) != nil }

  private static func streamNumber(of path: String) -> Int32? {
    var path = path
    // As many links as the system itself follows.
    for _ in 0..<40 {
      if path == "/dev/stdin" { return 0 }
      let folders = ["/dev/fd/", "/proc/self/fd/", "/proc/\(getpid())/fd/"]
      if let folder = folders.first(where: path.hasPrefix) {
        return Int32(path.dropFirst(folder.count)).flatMap { $0 >= 0 ? $0 : nil }
      }
      guard let next = Link.target(of: path) else { return nil }
      path = next
    }
    return nil
  }
}
