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
