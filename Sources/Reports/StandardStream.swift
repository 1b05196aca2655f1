import Foundation

/// Standard output or error, written without the traps of `print` and `FileHandle`.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// Writes all of the bytes.
  ///
  /// - Throws: ``StreamFailure`` where nobody reads them any more, or the disk behind is full.
  package func write(_ bytes: [UInt8]) throws(StreamFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(rawValue, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        // Somebody who shares the pipe made it one that does not wait.
        var request = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, 1_000)
      } else if count == 0 || errno != EINTR {
        throw StreamFailure(code: count == 0 ? EIO : errno)
      }
    }
  }

  /// Writes a text.
  package func write(_ text: String) throws(StreamFailure) { try write(Array(text.utf8)) }

  /// Whether a person sees it as it comes.
  package var isTerminal: Bool { isatty(rawValue) == 1 }
}

/// The reason why a standard stream takes no more.
package struct StreamFailure: Error, Equatable, CustomStringConvertible {
  /// The system's number of the failure.
  package let code: Int32

  /// The failure in the system's words.
  package var description: String { String(cString: strerror(code)) }
}
