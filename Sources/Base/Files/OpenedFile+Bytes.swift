import Glibc
import Synchronization

extension OpenedFile {
  /// Reads `count` bytes from an offset; fewer only where the file ends.
  package func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
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
    if failed { throw .reading(path) }
    return bytes
  }

  /// The bytes that come next, at most `count` of them; none at the end.
  ///
  /// It waits on a pipe, but no longer than until the process is asked to stop.
  package func next(count: Int) throws(FileError) -> [UInt8] {
    var got = 0
    repeat {
      try StopWish.wait(for: self)
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        got = Glibc.read(descriptor, buffer.baseAddress, count)
        filled = max(got, 0)
      }
      if got >= 0 { return bytes }
    } while errno == EINTR || errno == EAGAIN
    throw .reading(path)
  }

  /// All bytes that come next, to the end.
  ///
  /// - Throws: `unreadable` where they are more than `limit`.
  package func readAll(limit: Int = .max) throws(FileError) -> [UInt8] {
    var all: [UInt8] = []
    let size = try size()
    all.reserveCapacity(min(size, limit))
    while true {
      let bytes = try next(count: min(max(size - all.count, 1 << 12), 1 << 20))
      if bytes.isEmpty { return all }
      all += bytes
      if all.count > limit {
        throw .unreadable(path: path, reason: "it has more than \(limit) bytes")
      }
    }
  }

  /// Writes all of the bytes where the last ones ended.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try put(bytes) { start, count, _ in Glibc.write(descriptor, start, count) }
  }

  /// Writes all of the bytes at an offset.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    try put(bytes) { pwrite(descriptor, $0, $1, offset + $2) }
  }

  /// Writes all of the bytes where the last ones ended.
  package func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    let result = bytes.withContiguousStorageIfAvailable { bytes -> Result<Void, FileError> in
      Result { () throws(FileError) in try write(UnsafeRawBufferPointer(bytes)) }
    }
    if let result { return try result.get() }
    try write(Array(bytes))
  }

  private func put(
    _ bytes: UnsafeRawBufferPointer, _ call: (UnsafeRawPointer, Int, Int) -> Int
  ) throws(FileError) {
    guard let start = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let count = call(start + done, bytes.count - done, done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .writing(path) }
      done += count
    }
  }

  /// The whole file as read-only memory, which the caller unmaps; empty for an empty file.
  package func mapped() throws(FileError) -> UnsafeRawBufferPointer {
    let count = try size()
    if count == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw .reading(path) }
    return UnsafeRawBufferPointer(start: start, count: count)
  }
}

/// The question whether to stop, which a read asks while it waits for bytes that may never come.
package enum StopWish {
  private static let question = Mutex<@Sendable () -> Bool>({ false })

  /// Sets the check for whether the process is asked to stop.
  package static func ask(_ isRequested: @escaping @Sendable () -> Bool) {
    question.withLock { $0 = isRequested }
  }

  /// Waits until a descriptor has bytes or ends.
  ///
  /// - Throws: `interrupted` once the process is asked to stop.
  static func wait(for file: borrowing OpenedFile) throws(FileError) {
    var request = pollfd(fd: file.descriptor, events: Int16(POLLIN), revents: 0)
    // Handlers restart system calls, so the wish is looked at between short waits.
    while poll(&request, 1, 200) <= 0 {
      let isRequested = question.withLock { $0 }
      if isRequested() { throw .interrupted(path: file.path) }
    }
  }
}
