/// The 256 characters that stand for bytes in a byte-level vocabulary (GPT-2's table).
///
/// Bytes 33–126, 161–172 and 174–255 are the character of the same number; the other 68, in
/// increasing order, are U+0100, U+0101, … (a space is "Ġ", a line feed "Ċ").
enum ByteAlphabet {
  /// The character of each byte.
  static let characters: [Unicode.Scalar] = {
    var spare: UInt32 = 0x100
    return (0...255).map { byte in
      if isPrintable(byte) { return Unicode.Scalar(UInt8(byte)) }
      defer { spare += 1 }
      return Unicode.Scalar(spare) ?? " "
    }
  }()

  /// The bytes in the order of their characters: the order of ids in GPT-2's vocabulary.
  static let bytesByCharacter: [UInt8] = (0...255).sorted {
    characters[Int($0)].value < characters[Int($1)].value
  }

  private static let byteOfCharacter: [UInt16] = {
    var table = [UInt16](repeating: 256, count: 0x144)
    for (byte, character) in characters.enumerated() {
      table[Int(character.value)] = UInt16(byte)
    }
    return table
  }()

  private static func isPrintable(_ byte: Int) -> Bool {
    (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
  }

  /// The bytes that a vocabulary entry spells, or nil if a character stands for no byte.
  static func bytes(of token: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard scalar.value < 0x144, case let byte = byteOfCharacter[Int(scalar.value)], byte < 256
      else { return nil }
      bytes.append(UInt8(byte))
    }
    return bytes
  }

  /// The vocabulary entry that spells the bytes.
  static func token(of bytes: some Sequence<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: bytes.map { characters[Int($0)] })
    return String(scalars)
  }
}
