/// The command line that was typed.
enum CommandLineText {
  /// The words, the tool's own name first.
  static var words: [String] { ["codistill"] + CommandLine.arguments.dropFirst() }

  /// The words as a shell takes them back.
  static var quoted: String { words.map(quote).joined(separator: " ") }

  static func quote(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
          || "_/.-=,:+@%".utf8.contains(byte)
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
