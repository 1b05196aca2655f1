/// The bytes of every token, laid end to end.
struct TokenDecoder: Sendable {
  private var ends: [Int] = [0]
  private var text: [UInt8] = []
  private var special: [Bool]

  /// The bytes of a definition's tokens: added tokens literally, the others through the alphabet.
  init(_ definition: TokenizerDefinition) {
    var tokens = [[UInt8]](repeating: [], count: definition.vocabularySize)
    special = [Bool](repeating: false, count: tokens.count)
    for entry in definition.vocabulary {
      tokens[Int(entry.id)] = ByteAlphabet.bytes(of: entry.content) ?? Array(entry.content.utf8)
    }
    for token in definition.addedTokens {
      tokens[Int(token.id)] = Array(token.content.utf8)
      special[Int(token.id)] = token.isSpecial
    }
    for token in tokens {
      text += token
      ends.append(text.count)
    }
  }

  /// The bytes of a token; none for an id without one.
  func bytes(of id: Int32) -> ArraySlice<UInt8> {
    guard special.indices.contains(Int(id)) else { return [] }
    return text[ends[Int(id)]..<ends[Int(id) + 1]]
  }

  /// Whether decoding may leave the token out.
  func isSpecial(_ id: Int32) -> Bool {
    special.indices.contains(Int(id)) && special[Int(id)]
  }
}
