import CProcess
import Foundation
import Losses
import Reports
import Training

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

extension CommandLineText {
  /// The largest learning rate that is suggested: training of transformers with AdamW is stable at
  /// it.
  private static let saneRate = 1e-3

  /// The command that trains a diverged run's model on with a tenth of the learning rate, in a
  /// folder of its own: from the run's newest sound checkpoint, or from the beginning if it has
  /// none that has learned anything.
  static func retry(_ config: RunConfig) -> String {
    let rate = min(config.training.learningRate.peak / 10, saneRate)
    var overrides = ["training.learning_rate=\(rate)"]
    if RunDirectory.isWorthGoingOn(config.output) {
      overrides.append("initialize={from: \(RunConfig.quoted(config.output))}")
    }
    overrides.append("output=" + RunConfig.quoted(freeFolder(beside: config.output)))
    return quoted + overrides.map { " " + ShellQuoting.quote($0) }.joined()
  }

  /// The first of PATH-2, PATH-3 … that is not there.
  private static func freeFolder(beside path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let number = (2...).first { !FileManager.default.fileExists(atPath: "\(path)-\($0)") } ?? 2
    return "\(path)-\(number)"
  }
}

/// Words as a shell takes them back: bash, zsh and ksh.
enum ShellQuoting {
  /// A word, quoted only where it must be.
  static func quote(_ word: String) -> String { quote(Array(word.utf8)) }

  /// A word of any bytes.
  static func quote(_ bytes: [UInt8]) -> String {
    if isPlain(bytes) { return String(decoding: bytes, as: UTF8.self) }
    if let text = String(validating: bytes, as: UTF8.self), text.visible() == text {
      return "'" + text.replacing("'", with: "'\\''") + "'"
    }
    return "$'" + bytes.map(escape).joined() + "'"
  }

  /// Whether no shell sees anything but letters in it.
  private static func isPlain(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { byte in
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
          || "_/.-,:+@%=".utf8.contains(byte)
      }
      // zsh looks a word that begins so up as a command.
      && bytes[0] != UInt8(ascii: "=")
  }

  /// A byte inside of `$'…'`; always three octal digits, so that none of the next is taken for one.
  private static func escape(_ byte: UInt8) -> String {
    let isLetter = (0x20...0x7E).contains(byte) && !"'\\!".utf8.contains(byte)
    guard !isLetter else { return String(UnicodeScalar(byte)) }
    let digits = String(byte, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
