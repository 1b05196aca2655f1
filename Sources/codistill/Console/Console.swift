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
    // `print` would lose the result without a word where standard output is full or closed.
    let line = (asJSON ? try JSONOutput.line(value) : text()) + "\n"
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
    } catch {
      throw CommandError.lostResult(reason: error.localizedDescription)
    }
  }

  private static func tell(_ text: String) {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    Terminal.writeToStandardError("codistill: \(line)\n")
  }
}
