import Base
import Glibc

/// A whole file as read-only memory; pages load when they are touched.
///
/// A file that another process shortens while it is mapped ends this one (SIGBUS): files are
/// replaced by renaming, never rewritten in place.
final class MappedFile: Sendable {
  /// The file's path, for messages.
  let path: String
  // Never written, and unmapped only when the last owner is gone: threads may share it.
  nonisolated(unsafe) private let bytes: UnsafeRawBufferPointer

  /// Maps the regular file at a path.
  ///
  /// - Throws: `CheckpointError.notFound`, `.unreadable` or `.notFetched`.
  init(path: String) throws(CheckpointError) {
    self.path = path
    if let pointer = PointerFile(at: path) { throw .notFetched("\(pointer)") }
    bytes = try Self.map(path)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  /// The length in bytes.
  var count: Int { bytes.count }

  /// Runs `body` on the bytes of a range that lies within the file.
  func withBytes<R>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(rebasing: bytes[range])) }
  }

  /// Runs `body` on all bytes.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withBytes(0..<count, body)
  }

  /// The use that the pages of a range have next.
  enum Advice {
    /// They will be read soon: the system may begin to.
    case soonNeeded
    /// They have been read and may go: they do not count as this process's memory any more, and
    /// load again if they are touched.
    case notNeeded
  }

  /// Advises the system about a range; of its pages, about those that lie wholly within it.
  func advise(_ range: Range<Int>, _ advice: Advice) {
    let page = Int(getpagesize())
    let first = (range.lowerBound + page - 1) / page * page
    let last = range.upperBound / page * page
    guard first < last, let start = bytes.baseAddress else { return }
    let address = UnsafeMutableRawPointer(mutating: start + first)
    madvise(address, last - first, advice == .soonNeeded ? MADV_WILLNEED : MADV_DONTNEED)
  }

  private static func map(_ path: String) throws(CheckpointError) -> UnsafeRawBufferPointer {
    do {
      return try OpenedFile(reading: path).mapped()
    } catch .missing {
      throw .notFound(path: path)
    } catch .unreadable(_, let reason) {
      throw .unreadable(path: path, reason: reason)
    } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
  }
}

extension Range<Int> {
  /// The bytes of some rows, where there are `count` of equal length in all.
  func rows(_ rows: Range<Int>, of count: Int) -> Range<Int> {
    let stride = self.count / count
    return (lowerBound + rows.lowerBound * stride)..<(lowerBound + rows.upperBound * stride)
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes of some rows, where there are `count` of equal length in all.
  func rows(_ rows: Range<Int>, of count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[indices.rows(rows, of: count)])
  }
}
