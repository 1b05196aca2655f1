import Base
import Reports
import Synchronization

/// The tool's output: results on standard output, everything else on standard error.
///
/// Names, keys and tokens come from files of others: nothing that would act on a terminal leaves
/// here as it is.
enum Console {
  /// Prints an error, on one line.
  static func error(_ text: String) { note("error: " + text) }

  /// Prints a warning, on one line.
  static func warning(_ text: String) { note("warning: " + text) }

  /// Prints a piece of news, on one line.
  static func note(_ text: String) { Terminal.tell("codistill: " + text) }

  /// Prints words that end in a command to be pasted, which is never shortened.
  static func command(_ text: String) {
    Terminal.writeToStandardError("codistill: " + text.visible() + "\n")
  }

  /// Prints a result: as a JSON object, or as text for people.
  static func result(_ value: some Encodable, asJSON: Bool, text: () -> String) throws {
    try write((asJSON ? try JSONOutput.line(value) : text().visible(keeping: ["\n"])) + "\n")
  }

  /// Prints a result of digits and punctuation alone, as one line.
  static func result(_ bytes: [UInt8]) throws {
    try write(bytes + [UInt8(ascii: "\n")])
  }

  /// Prints a text that is itself what was asked for: as it is, but on a terminal harmless.
  static func product(_ text: String) throws {
    try write(StandardStream.output.isTerminal ? text.visible(keeping: ["\n", "\t"]) : text)
  }

  private static func write(_ text: String) throws { try write(Array(text.utf8)) }

  private static func write(_ bytes: [UInt8]) throws {
    do { try StandardStream.output.write(bytes) } catch {
      throw CommandError.lostResult(reason: "\(error)")
    }
  }
}

/// A command's answer with --json: fields, beside those of a report if there is one.
struct Answer: Encodable {
  /// The fields of an object; one that is nil is left out.
  typealias Fields = KeyValuePairs<String, (any Encodable)?>

  private let report: (any Encodable)?
  private let fields: Fields

  /// An answer of fields alone.
  init(_ fields: Fields) {
    report = nil
    self.fields = fields
  }

  /// A report with fields beside its own.
  init(_ report: some Encodable, _ fields: Fields) {
    self.report = report
    self.fields = fields
  }

  func encode(to encoder: any Encoder) throws {
    try report?.encode(to: encoder)
    try encoder.encode(fields)
  }
}

/// A progress line for work whose progress is told from several threads, one at a time.
enum ConcurrentProgress {
  /// Runs work, showing how much of it is done.
  static func show<Result>(
    _ label: String, unit: String,
    _ work: (@escaping @Sendable (_ done: Int, _ total: Int?) -> Void) throws -> Result
  ) rethrows -> Result {
    let state = Mutex<ProgressLine?>(nil)
    defer { state.withLock { $0?.finish() } }
    return try work { done, total in
      state.withLock { line in
        if line == nil { line = ProgressLine(label, total: total, unit: unit) }
        line?.update(done: done)
      }
    }
  }
}

/// The version of the tool.
enum Version {
  /// The version, as `--version` prints it and run directories record it.
  static let current = "0.1.0"
}
