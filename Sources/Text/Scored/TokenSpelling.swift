/// A tokenizer's tokens as servers write them.
struct TokenSpelling: Sendable {
  /// The token that begins a text, if the tokenizer has one.
  var begin: Int32? { tokenizer.bosTokenID }

  private let tokenizer: Tokenizer
  /// The lowest id of each text.
  private let ids: [[UInt8]: Int32]

  init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    var ids: [[UInt8]: Int32] = [:]
    for id in (0..<Int32(tokenizer.vocabularySize)).reversed() { ids[tokenizer.bytes(of: id)] = id }
    ids[[]] = nil
    self.ids = ids
  }

  /// The tokens of a text, without any that the tokenizer would put around it.
  func tokens(
    of text: String, withTemplate: Bool = false
  ) throws(ScoredTextError.Problem) -> [Int32] {
    do {
      return try tokenizer.encode(text, addingSpecialTokens: withTemplate)
    } catch {
      throw .notTokenized(reason: "\(error)")
    }
  }

  /// The id that `token_id:123` or `bytes:\xE2\x80` states, in or out of range; nil for text.
  func writtenID(_ text: String) -> Int? {
    if text.hasPrefix("token_id:") { return Int(text.dropFirst(9)) }
    guard text.hasPrefix("bytes:") else { return nil }
    return Self.bytes(text.dropFirst(6)).flatMap { ids[$0] }.map { Int($0) }
  }

  /// The token whose bytes these are; nil without one.
  func id(of bytes: some Collection<UInt8>) -> Int32? { ids[Array(bytes)] }

  /// The token that a text spells in the byte alphabet ("Ġthat"); nil without one.
  func id(spelled text: String) -> Int32? { ByteAlphabet.bytes(of: text).flatMap { ids[$0] } }

  /// Whether a text is a token's own spelling in the byte alphabet.
  func isSpelling(_ text: String, of id: Int32) -> Bool {
    ByteAlphabet.bytes(of: text) == tokenizer.bytes(of: id)
  }

  /// A token's bytes.
  func bytes(of id: Int32) -> [UInt8] { tokenizer.bytes(of: id) }

  /// Whether a token's text is this.
  func isText(_ text: String, of id: Int32) -> Bool {
    text.utf8.elementsEqual(tokenizer.decode([id]).utf8)
  }

  /// The bytes of `\xE2\x80` and plain characters.
  private static func bytes(_ text: Substring) -> [UInt8]? {
    var (bytes, rest) = ([UInt8](), text.utf8[...])
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x") {
        let digits = rest.dropFirst().prefix(2)
        guard digits.count == 2,
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  /// Throws unless a server's text of a token is this tokenizer's.
  ///
  /// A text may be spelled in the byte alphabet. Bytes that are no whole characters come out in
  /// many ways, and some servers tidy the space before a punctuation mark away: those pass.
  func check(
    _ text: String, isTextOf id: Int32, at position: Int
  ) throws(ScoredTextError.Problem) {
    if text.isEmpty || text.contains("\u{FFFD}") || isText(text, of: id) { return }
    if isSpelling(text, of: id) { return }
    let own = tokenizer.decode([id])
    if own.contains("\u{FFFD}") || own.isEmpty || text == Self.tidied(own) { return }
    if writtenID(text) == Int(id) { return }
    throw .otherToken(
      position: position, found: "id \(id) is \(text.debugDescription)",
      expected: own.debugDescription)
  }

  private static func tidied(_ text: String) -> String {
    [" .", " ?", " !", " ,", " n't", " 'm", " 's", " 've", " 're"].reduce(
      text.replacing(" ' ", with: "'")
    ) { $0.replacing($1, with: $1.dropFirst()) }
  }

  /// Throws unless some tokens are those of a text, with or without what goes around it.
  func check(
    _ tokens: [Int32], areThoseOf text: String
  ) throws(ScoredTextError.Problem) {
    let plain = try self.tokens(of: text)
    let begun = (begin.map { [$0] } ?? []) + plain
    if tokens == plain || tokens == begun { return }
    if tokens == (try self.tokens(of: text, withTemplate: true)) { return }
    let expected = tokens.first == begin && plain.first != begin ? begun : plain
    let position =
      zip(tokens, expected).enumerated().first { $1.0 != $1.1 }?.offset
      ?? min(tokens.count, expected.count)
    throw .otherToken(
      position: position, found: name(position, of: tokens),
      expected: name(position, of: expected))
  }

  private func name(_ position: Int, of tokens: [Int32]) -> String {
    guard position < tokens.count else { return "the end" }
    let id = tokens[position]
    return "\(tokenizer.decode([id]).debugDescription) (id \(id))"
  }
}
