import Foundation

/// The abilities of the terminal behind standard error.
public struct Terminal: Sendable, Equatable {
  /// Whether a line can be written over.
  public var rewritesLines: Bool
  /// Whether colours are wanted.
  public var hasColors: Bool
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
