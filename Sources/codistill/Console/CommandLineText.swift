import CProcess
import Glibc

/// The command line that was typed.
///
/// As the system handed it over: Swift's own list comes from /proc, and is empty where that is not
/// mounted.
enum CommandLineText {
  /// The words after the program's name.
  static var arguments: [String] {
    (0..<cp_argument_count()).dropFirst().map { String(cString: cp_argument($0)) }
  }

  /// The same, or an error for one that is no text: repaired, it would name another file.
  static func requireText() throws -> [String] {
    for index in (0..<cp_argument_count()).dropFirst() {
      guard String(validatingCString: cp_argument(index)) == nil else { continue }
      throw CommandError.outOfRange(
        "argument \(index) (\(String(cString: cp_argument(index)))) is not UTF-8; rename that file, or "
          + "give it by a link with another name")
    }
    return arguments
  }

  /// The words as runs record them: whatever the program was called by, its own name is first.
  static var words: [String] { ["codistill"] + arguments }

  /// The whole command as a shell takes it back.
  static var quoted: String {
    ([program] + (0..<cp_argument_count()).dropFirst().map { ShellQuoting.quote(bytes($0)) })
      .joined(separator: " ")
  }

  /// Another command of this program, called as it was, as a shell takes it.
  static func command(_ words: String...) -> String {
    ([program] + words.map(ShellQuoting.quote)).joined(separator: " ")
  }

  /// The program as it was typed: a path, or a name to be found on the PATH.
  private static var program: String {
    let name = cp_argument_count() > 0 ? bytes(0) : []
    guard !name.isEmpty else { return "codistill" }
    let quoted = ShellQuoting.quote(name)
    // Unquoted, the shell would take it for a variable's assignment.
    return quoted.contains("=") && !quoted.hasSuffix("'") ? "'" + quoted + "'" : quoted
  }

  private static func bytes(_ index: Int32) -> [UInt8] {
    Array(UnsafeBufferPointer(start: cp_argument(index), count: Int(strlen(cp_argument(index)))))
      .map { UInt8(bitPattern: $0) }
  }
}
