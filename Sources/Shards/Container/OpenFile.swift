import Files
import Foundation

/// An open file, closed when its owner goes; every call says which file it was about.
struct OpenFile: ~Copyable {
  let path: String
  private let descriptor: Int32

  deinit { close(descriptor) }

  /// Opens a file for reading.
  init(reading path: String) throws(ShardError) {
    let pointer = PointerFile(at: path)
    descriptor = pointer == nil ? open(path, O_RDONLY | O_CLOEXEC) : -1
    self.path = path
    guard descriptor >= 0 else {
      if let pointer { throw .notFetched(pointer.description) }
      throw errno == ENOENT ? .missing(path: path) : .last("open the file", path)
    }
  }

  /// Creates a file, or empties one that is left over.
  init(creating path: String) throws(ShardError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    self.path = path
    guard descriptor >= 0 else { throw .last("create the file", path) }
  }

  private init(_ descriptor: Int32, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Creates a file, or opens one that is left over, for this process alone; nil if another has it.
  ///
  /// The claim goes with the descriptor, so that the system frees it when the process ends, however
  /// it ends. What is left over stays as it is until `empty()`.
  static func claim(_ path: String) throws(ShardError) -> OpenFile? {
    while true {
      let file = OpenFile(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644), path)
      guard file.descriptor >= 0 else { throw .last("create the file", path) }
      guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
        if errno == EWOULDBLOCK { return nil }
        throw .last("lock the file", path)
      }
      // Its owner may have renamed or removed it between the two calls: then it is not ours.
      if try file.isNamed() { return file }
    }
  }

  /// Whether the path still leads to this file.
  private func isNamed() throws(ShardError) -> Bool {
    var (own, named) = (stat(), stat())
    guard fstat(descriptor, &own) == 0 else { throw .last("look at the file", path) }
    guard stat(path, &named) == 0 else { return false }
    return own.st_dev == named.st_dev && own.st_ino == named.st_ino
  }

  /// Removes what the file holds.
  func empty() throws(ShardError) {
    guard ftruncate(descriptor, 0) == 0 else { throw .last("empty the file", path) }
  }

  /// Removes what the file holds from a place on; what is written next follows there.
  func truncate(to size: Int) throws(ShardError) {
    guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) >= 0
    else { throw .last("cut the file", path) }
  }

  /// The size of a regular file in bytes; anything else (a folder, a pipe) is an error.
  func size() throws(ShardError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .last("look at the file", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .system(path: path, operation: "read it", reason: "it is no regular file")
    }
    return Int(status.st_size)
  }

  /// Reads `count` bytes from an offset; fewer only where the file ends.
  func read(at offset: Int, count: Int) throws(ShardError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, offset + filled)
        if got < 0, errno == EINTR { continue }
        failed = got < 0
        guard got > 0 else { return }
        filled += got
      }
    }
    if failed { throw .last("read the file", path) }
    return bytes
  }

  /// Reads the whole file, which may not be larger than `limit` bytes.
  func readAll(limit: Int) throws(ShardError) -> [UInt8] {
    let size = try size()
    guard size <= limit else {
      throw .corrupt(path: path, reason: "it has \(size) bytes where at most \(limit) make sense")
    }
    return try read(at: 0, count: size)
  }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws(ShardError) {
    var (done, failed) = (0, false)
    bytes.withUnsafeBytes { buffer in
      while done < buffer.count, !failed {
        let put = Foundation.write(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        if put < 0, errno == EINTR { continue }
        failed = put < 0
        done += max(put, 0)
      }
    }
    if failed { throw .last("write the file", path) }
  }

  /// Waits until the bytes are on the disk.
  ///
  /// A failure is final: trying again may report success.
  func synchronize() throws(ShardError) {
    guard fsync(descriptor) == 0 else { throw .last("write the file to the disk", path) }
  }
}

extension ShardError {
  /// The error that the system's last failure amounts to.
  static func last(_ operation: String, _ path: String) -> ShardError {
    let code = errno
    if code == ENOSPC || code == EDQUOT { return .diskFull(path: path) }
    return .system(path: path, operation: operation, reason: String(cString: strerror(code)))
  }
}
