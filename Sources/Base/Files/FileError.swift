import Foundation

/// The reason that a file or folder cannot be read or written.
package enum FileError: Error, Equatable, CustomStringConvertible {
  /// Nothing is at the path.
  case missing(path: String)
  /// It is no regular file, or the system refuses to read it.
  case unreadable(path: String, reason: String)
  /// It stands for a file that was not fetched.
  case pointer(PointerFile)
  /// Somebody wishes the process to stop while it waits for bytes.
  case interrupted(path: String)
  /// Nothing can be created there.
  case uncreatable(path: String, reason: String)
  /// Bytes or names cannot be written.
  case unwritable(path: String, reason: String)
  /// The disk, or the quota on it, is full.
  case full(path: String)

  /// One line: the path, what was found, and the remedy.
  package var description: String {
    switch self {
    case .missing(let path): "\(path): no such file or folder; check the path"
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); name a regular file that may be read"
    case .pointer(let pointer): pointer.description
    case .interrupted(let path):
      "\(path): stopped before its end was read; run the same command again"
    case .uncreatable(let path, let reason):
      "\(path): cannot create: \(reason); choose another output"
    case .unwritable(let path, let reason):
      "\(path): cannot write: \(reason); check the disk and the permissions"
    case .full(let path): "\(path): the disk is full; free some space and run again"
    }
  }

  /// The cause, without the path and the remedy.
  package var reason: String {
    switch self {
    case .missing: "it is missing"
    case .unreadable(_, let reason), .uncreatable(_, let reason), .unwritable(_, let reason):
      reason
    case .pointer, .interrupted, .full: description
    }
  }

  /// The error of the last system call, which was to read a path.
  static func reading(_ path: String) -> FileError {
    guard errno == ENOENT || errno == ENOTDIR else {
      return .unreadable(path: path, reason: systemReason())
    }
    return PointerFile(brokenLinkAt: path).map { .pointer($0) } ?? .missing(path: path)
  }

  /// The error of the last system call, which was to create a path.
  static func creating(_ path: String) -> FileError {
    isFull ? .full(path: path) : .uncreatable(path: path, reason: systemReason())
  }

  /// The error of the last system call, which wrote to a path.
  static func writing(_ path: String) -> FileError {
    isFull ? .full(path: path) : .unwritable(path: path, reason: systemReason())
  }

  private static var isFull: Bool { errno == ENOSPC || errno == EDQUOT }

  private static func systemReason() -> String { String(cString: strerror(errno)) }
}

extension FileError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .missing, .unreadable: .missingInput
    case .pointer: .badData
    case .interrupted: .tryAgain
    case .uncreatable: .cannotCreate
    case .unwritable, .full: .inputOutput
    }
  }
}
