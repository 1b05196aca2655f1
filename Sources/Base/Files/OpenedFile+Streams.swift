import Glibc
import Synchronization

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

/// The links of the file system.
enum Link {
  /// The path that a link names, seen from its own folder; nil where the path is no link.
  static func target(of path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let target = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return target.hasPrefix("/") ? target : FolderSync.parent(of: path) + "/" + target
  }
}
