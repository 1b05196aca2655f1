import Glibc

/// A file that is whole or absent, whenever the process or the machine stops.
///
/// The bytes go to a new hidden neighbour, are flushed, and take the file's name last; without
/// `commit` the neighbour is removed. A link stays one, and what it leads to is replaced. What is
/// replaced gives its mode to its successor; nothing but a regular file is.
///
/// ```swift
/// let file = try AtomicFile(path: "run/metrics.jsonl")
/// for line in lines { try file.write("\(line)\n".utf8) }
/// try file.commit()  // Without this the old file stays.
/// try AtomicFile.write("done\n", to: "run/status")  // In one call.
/// ```
package struct AtomicFile: ~Copyable {
  /// The path that the user named, for messages.
  package let path: String
  private let place: OutputPlace
  private let file: OpenedFile
  private var isCommitted = false

  /// Creates the temporary file.
  ///
  /// - Throws: `uncreatable` or `full`.
  package init(path: String) throws(FileError) {
    let place = try OutputPlace(of: path, replacing: .regular)
    TemporaryName.removeLeftovers(of: place.path)
    file = try Self.create(for: place, named: path)
    self.place = place
    self.path = path
  }

  private static func create(for place: OutputPlace, named: String) throws(FileError) -> OpenedFile
  {
    while true {
      let temporary = TemporaryName.new(for: place.path)
      // The name that the user knows is the one that errors are about.
      do {
        let file = try OpenedFile(creating: temporary)
        TemporaryName.lock(file)
        // Another writer of the same output may have taken it for a leftover before the lock.
        guard try file.isNamed() else { continue }
        try place.dress(file)
        return file
      } catch .uncreatable(_, let reason) {
        throw .uncreatable(path: named, reason: reason)
      } catch .full {
        throw .full(path: named)
      }
    }
  }

  deinit { if !isCommitted { unlink(file.path) } }

  /// Appends bytes.
  package borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try naming { () throws(FileError) in try file.write(bytes) }
  }

  /// Writes bytes at an offset.
  package borrowing func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(FileError) {
    try naming { () throws(FileError) in try file.write(bytes, at: offset) }
  }

  /// Appends bytes.
  package borrowing func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    try naming { () throws(FileError) in try file.write(bytes) }
  }

  /// Flushes the file and gives it its name.
  package consuming func commit() throws(FileError) {
    try naming { () throws(FileError) in try file.synchronize() }
    guard rename(file.path, place.path) == 0 else { throw .writing(path) }
    isCommitted = true
    try FolderSync.flush(FolderSync.parent(of: place.path))
  }

  // The temporary name would mean nothing to the user.
  private borrowing func naming(_ body: () throws(FileError) -> Void) throws(FileError) {
    do { try body() } catch {
      switch error {
      case .full: throw .full(path: path)
      case .unwritable(_, let reason): throw .unwritable(path: path, reason: reason)
      default: throw error
      }
    }
  }
}

extension AtomicFile {
  /// Writes a file of the given bytes.
  package static func write(_ bytes: some Collection<UInt8>, to path: String) throws(FileError) {
    let file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes a UTF-8 text.
  package static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }
}
