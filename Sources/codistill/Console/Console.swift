import Reports

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

  /// Prints a text that is itself what was asked for: as it is, but on a terminal harmless.
  static func product(_ text: String) throws {
    try write(StandardStream.output.isTerminal ? text.visible(keeping: ["\n", "\t"]) : text)
  }

  private static func write(_ text: String) throws {
    do { try StandardStream.output.write(text) } catch {
      throw CommandError.lostResult(reason: "\(error)")
    }
  }
}
