import Foundation

/// One line about a long piece of work: how far it is, how fast, and how much longer.
///
/// Nothing shows for the first two seconds. On a terminal the line then rewrites itself at most
/// ten times a second; elsewhere a plain line appears every thirty seconds.
///
/// ```swift
/// let line = ProgressLine("training", total: steps, unit: "steps")
/// for step in 0..<steps {
///   let loss = try train(step)
///   line.update(done: step + 1, news: "loss \(loss)")
/// }
/// line.finish()
/// ```
public final class ProgressLine {
  private let label: String
  private let total: Int?
  private let unit: String
  private let terminal: Terminal
  private let clock: () -> Double
  private let write: (String) -> Void
  private let start: Double
  private var rate = SmoothedRate()
  private var lastShown: Double
  private var isShown = false

  /// A line that begins now.
  ///
  /// - Parameters:
  ///   - label: The work, in a word or two.
  ///   - total: The units of the whole work, if known.
  ///   - unit: The unit that is counted, in the plural.
  ///   - done: The units that were done before now, by an earlier process; nil leaves it to the
  ///     first update, from which on the speed is then measured.
  ///   - terminal: The terminal that shows the line.
  ///   - clock: The seconds of a steady clock.
  ///   - write: Takes the text; standard error by default.
  public init(
    _ label: String, total: Int?, unit: String, done: Int? = nil,
    terminal: Terminal = .standardError,
    clock: @escaping () -> Double = Terminal.seconds,
    write: @escaping (String) -> Void = Terminal.writeToStandardError
  ) {
    self.label = label
    self.total = total
    self.unit = unit
    self.terminal = terminal
    self.clock = clock
    self.write = write
    start = clock()
    // The first plain line comes after the two seconds too, not after thirty.
    lastShown = -Double.infinity
    if let done { rate.add(done: done, at: start) }
  }

  /// Tells how much is done in all, with a few words of news to stand at the end.
  public func update(done: Int, news: String = "") {
    let now = clock()
    rate.add(done: done, at: now)
    let pause = terminal.rewritesLines ? 0.1 : 30
    guard now - start >= 2, now - lastShown >= pause else { return }
    lastShown = now
    isShown = true
    show(text(done: done, news: news).line)
  }

  /// Clears the line, for other text to follow.
  public func finish() {
    guard isShown, terminal.rewritesLines else { return }
    isShown = false
    write("\r\u{1B}[K")
  }

  /// The line's text.
  func text(done: Int, news: String) -> String {
    var parts = ["\(label): \(Figures.count(done))"]
    if let total {
      parts[0] += "/\(Figures.count(total)) \(unit)"
      if total > 0 { parts[0] += " (\(Int(100 * Double(min(done, total)) / Double(total))) %)" }
    } else {
      parts[0] += " \(unit)"
    }
    if let perSecond = rate.perSecond {
      parts.append("\(Figures.count(perSecond)) \(unit)/s")
      if let total, perSecond > 0, done < total {
        parts.append("\(Figures.duration(seconds: Double(total - done) / perSecond)) left")
      }
    }
    if !news.isEmpty { parts.append(news) }
    return parts.joined(separator: ", ")
  }

  private func show(_ text: String) {
    guard terminal.rewritesLines else { return write(text + "\n") }
    // A line that wraps could not be written over.
    let visible = String(text.prefix(max(terminal.width - 1, 10)))
    write("\r" + (terminal.hasColors ? Self.emphasized(visible) : visible) + "\u{1B}[K")
  }

  private static func emphasized(_ text: String) -> String {
    guard let colon = text.firstIndex(of: ":") else { return text }
    return "\u{1B}[1m\(text[..<colon])\u{1B}[0m\(text[colon...])"
  }
}

/// Units per second, the last ten seconds or so weighing most.
struct SmoothedRate {
  private static let memory = 10.0
  private var last: (done: Int, time: Double)?
  private var weightedDone = 0.0
  private var weightedTime = 0.0

  /// The rate so far; nil before anything was measured.
  var perSecond: Double? { weightedTime > 0 ? weightedDone / weightedTime : nil }

  /// Adds a measurement: the units done in all, at a time in seconds.
  mutating func add(done: Int, at time: Double) {
    defer { last = (done, time) }
    guard let last, time > last.time else { return }
    let elapsed = time - last.time
    let kept = exp(-elapsed / Self.memory)
    weightedDone = weightedDone * kept + Double(done - last.done)
    weightedTime = weightedTime * kept + elapsed
  }
}

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
