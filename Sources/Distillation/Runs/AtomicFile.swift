public import Foundation

/// Files that are whole or absent, whenever the process or the machine stops.
///
/// The bytes go to a hidden neighbour, are synchronised, and take the file's name last; then the
/// folder is synchronised, because a rename is otherwise only in memory.
public enum AtomicFile {
  /// Writes a file through the descriptor that the body is given; an error leaves no trace.
  ///
  /// A link to a file stays one. Folders and devices are refused: a rename would put a file in the
  /// place of `/dev/null` itself.
  public static func write(to path: String, _ body: (Int32) throws -> Void) throws {
    let path = try target(of: path)
    let temporary = hiddenNeighbour(of: path)
    // A leftover of a process that was killed is of no use to anyone.
    unlink(temporary)
    let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RunError.creating(path) }
    do {
      defer { close(descriptor) }
      try body(descriptor)
      guard fsync(descriptor) == 0 else { throw RunError.writing(path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try rename(temporary, to: path)
  }

  /// The path of the file itself, behind any links.
  private static func target(of path: String) throws(RunError) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return path }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .cannotCreate(path: path, reason: "it is there, and no regular file")
    }
    guard let resolved = realpath(path, nil) else { throw .creating(path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Writes a file of the given bytes.
  public static func write(_ bytes: Data, to path: String) throws {
    try write(to: path) { descriptor in
      try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
    }
  }

  /// Writes a UTF-8 text.
  public static func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  /// Writes all of the bytes to a descriptor; `path` names it in errors.
  public static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(RunError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .writing(path) }
      rest = rest.dropFirst(count)
    }
  }

  /// The hidden name under which a path is written.
  static func hiddenNeighbour(of path: String) -> String {
    let url = URL(filePath: path)
    return url.deletingLastPathComponent()
      .appending(path: ".\(url.lastPathComponent).partial").path(percentEncoded: false)
  }

  static func rename(_ temporary: String, to path: String) throws(RunError) {
    guard Foundation.rename(temporary, path) == 0 else { throw .writing(path) }
    let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    try synchronize(folder)
  }

  /// Makes the bytes of a file, or the names in a folder, outlast a power cut.
  static func synchronize(_ path: String) throws(RunError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writing(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .writing(path) }
  }
}
