import Foundation
import Reports

/// What the tool says: results on standard output, everything else on standard error.
enum Console {
  /// Prints an error, on one line.
  static func error(_ text: String) { tell("error: " + text) }

  /// Prints a warning, on one line.
  static func warning(_ text: String) { tell("warning: " + text) }

  /// Prints a piece of news, on one line.
  static func note(_ text: String) { tell(text) }

  /// Prints a result: as a JSON object, or as text for people.
  static func result(_ value: some Encodable, asJSON: Bool, text: () -> String) throws {
    print(asJSON ? try JSONOutput.line(value) : text())
  }

  private static func tell(_ text: String) {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    Terminal.writeToStandardError("codistill: \(line)\n")
  }
}
