import Foundation

/// The abilities of the terminal behind standard error.
public struct Terminal: Sendable, Equatable {
  /// Whether a line can be written over.
  package var rewritesLines: Bool
  /// Whether colours are wanted.
  package var hasColors: Bool
  /// The columns of a line.
  public var width: Int

  /// A terminal with the given abilities.
  package init(rewritesLines: Bool, hasColors: Bool, width: Int = 80) {
    self.rewritesLines = rewritesLines
    self.hasColors = hasColors
    self.width = width
  }

  /// Standard error as it is now; `NO_COLOR` (no-color.org) and `TERM=dumb` are respected.
  public static var standardError: Terminal {
    let environment = ProcessInfo.processInfo.environment
    let rewritesLines = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    let refusesColors = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return Terminal(
      rewritesLines: rewritesLines, hasColors: rewritesLines && !refusesColors,
      width: columns ?? 80)
  }

  /// The seconds of a clock that only goes forward.
  public static func seconds() -> Double { ProcessInfo.processInfo.systemUptime }

  /// Writes a text to standard error; one that nobody reads any more is lost without a word.
  public static func writeToStandardError(_ text: String) {
    try? StandardStream.error.write(text)
  }

  /// Writes a line to standard error, escaped and bounded, whatever names it holds.
  package static func tell(_ text: String) { writeToStandardError(text.line + "\n") }

  private static var columns: Int? {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

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
