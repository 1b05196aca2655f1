import Base

/// The tokens that the texts of an echoed position name.
///
/// Servers write a token as its text, or as its spelling in the byte alphabet. A token that ends
/// within a character comes as U+FFFD or as an empty text, and the one that completes the character
/// as the whole of it.
struct EchoedNames {
  private let spelling: TokenSpelling
  private let tokens: [Int32]
  private let texts: [String]
  /// Whether the texts are spelled in the byte alphabet.
  private let areSpelled: Bool
  private var position = 0
  /// The bytes of a character that the tokens before have begun.
  private var begun: [UInt8] = []

  /// The names of tokens whose texts the server wrote so.
  init(_ spelling: TokenSpelling, _ tokens: [Int32], _ written: [JSONValue]) {
    self.spelling = spelling
    self.tokens = tokens
    texts = written.map { $0.string ?? "" }
    areSpelled = zip(texts, tokens).contains { text, token in
      !spelling.isText(text, of: token) && spelling.isSpelling(text, of: token)
    }
  }

  /// Goes on to a position; each in turn.
  mutating func advance(over position: Int) {
    if position > 0 {
      begun = Self.unfinished(begun + spelling.bytes(of: tokens[position - 1]))
    }
    self.position = position
  }

  /// The token of a text; nil where the text is that of none, or of any of several.
  ///
  /// The own token's log-probability tells it from others whose texts look the same.
  func id(of text: String, isOwnValue: Bool) -> Int32? {
    let own = tokens[position]
    let isPart = text.isEmpty || text.contains("\u{FFFD}")
    if isPart { return isOwnValue && isOwn(text) ? own : nil }
    if spelling.isText(text, of: own) || text == texts[position] { return own }
    if areSpelled, let id = spelling.id(spelled: text) { return id }
    if let id = spelling.id(of: text) { return id }
    if text.utf8.starts(with: begun), let id = spelling.id(of: text.utf8.dropFirst(begun.count)) {
      return id
    }
    return spelling.id(spelled: text)
  }

  /// Whether a text that names no token may be a part of a character.
  func mayBePart(_ text: String) -> Bool {
    text.isEmpty || text.contains("\u{FFFD}") || !begun.isEmpty
  }

  /// Whether the true token may look so: its own text does, or it ends within a character.
  private func isOwn(_ text: String) -> Bool {
    text == texts[position] || spelling.isText(text, of: tokens[position])
  }

  /// The bytes at the end that begin a character and do not finish it.
  private static func unfinished(_ bytes: [UInt8]) -> [UInt8] {
    guard let start = bytes.suffix(3).lastIndex(where: { $0 >= 0xC0 }) else { return [] }
    let wanted = bytes[start] >= 0xF0 ? 4 : bytes[start] >= 0xE0 ? 3 : 2
    return bytes.count - start < wanted ? Array(bytes[start...]) : []
  }
}
