import Glibc

/// The kind of thing that a path names; the raw value says it in words.
package enum FileKind: String {
  case regular = "a regular file"
  case folder = "a folder"
  case pipe = "a FIFO"
  case device = "a device"
  case socket = "a socket"
  case link = "a symbolic link"
  case unknown = "something unknown"

  /// The kind of a path, behind links; nil where there is nothing.
  package init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// The kind of a path itself, be it a link; nil where there is nothing.
  init?(unfollowed path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .regular
    case S_IFDIR: self = .folder
    case S_IFIFO: self = .pipe
    case S_IFCHR, S_IFBLK: self = .device
    case S_IFSOCK: self = .socket
    case S_IFLNK: self = .link
    default: self = .unknown
    }
  }

  /// The objection to what is no regular file, for messages.
  var refusal: String { "it is \(rawValue), no regular file" }
}

/// The identity of a file, whatever names lead to it.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt
  private let number: UInt

  init(_ status: stat) {
    device = UInt(status.st_dev)
    number = UInt(status.st_ino)
  }

  /// The identity of what a path leads to, behind links; nil where there is nothing.
  package init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
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
