extension Tokenizer {
  /// What kind of token each id is, by its bytes: a small number that caches group ids by.
  ///
  /// Letters in lower case 0, after a space 1; beginning with a capital 2, after a space 3; letters
  /// beyond ASCII 4; all else, ids without a token included, 5.
  public func kinds(vocabularySize: Int) -> [UInt8] {
    (0..<vocabularySize).map { Self.kind(of: decoder.bytes(of: Int32($0))) }
  }

  /// The kind of one token.
  static func kind(of bytes: ArraySlice<UInt8>) -> UInt8 {
    let isSpaced = bytes.first == UInt8(ascii: " ")
    let letters = bytes.dropFirst(isSpaced ? 1 : 0)
    guard let first = letters.first else { return 5 }
    if letters.contains(where: { $0 >= 128 }) { return 4 }
    let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
    let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
    guard letters.allSatisfy({ lower.contains($0) || upper.contains($0) }) else { return 5 }
    return (lower.contains(first) ? 0 : 2) + (isSpaced ? 1 : 0)
  }
}
