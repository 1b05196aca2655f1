import Glibc
import Synchronization

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
