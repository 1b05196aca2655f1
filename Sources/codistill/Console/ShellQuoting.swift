import Reports

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
