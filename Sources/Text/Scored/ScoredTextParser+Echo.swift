import Base

/// The OpenAI completions API with `echo` and `logprobs`.
extension ScoredTextParser {
  /// The text of one of the choices.
  func echoedText(_ choice: JSONValue) throws(ScoredTextError.Problem) -> ScoredText {
    let logProbabilities = choice["logprobs"]
    let written = try list("tokens", of: logProbabilities)
    let own = try list("token_logprobs", of: logProbabilities)
    let top = try list("top_logprobs", of: logProbabilities)
    guard written.count == own.count else {
      throw .lengths("tokens", written.count, "token_logprobs", own.count)
    }
    guard written.count == top.count else {
      throw .lengths("tokens", written.count, "top_logprobs", top.count)
    }
    let tokens = try echoedTokens(written, of: choice)
    var (text, names) = (
      ScoredText(tokens: tokens, rows: []), EchoedNames(spelling, tokens, written)
    )
    for position in tokens.indices {
      names.advance(over: position)
      guard position > 0 else { continue }
      let value = try logProbability(own[position], at: position)
      let (entries, unidentified) = try entries(top[position], names, value, at: position)
      text.unidentified += unidentified
      guard !entries.isEmpty else { throw .notTheTop(position: position, rank: 0) }
      let isContradicted = entries.contains {
        $0.id == tokens[position] && $0.logProbability > value
      }
      guard value > -.infinity || !isContradicted else {
        throw .notLogProbability(position: position, found: own[position].kind)
      }
      text.rows.append(try row(entries, trueLogProbability: value, at: position))
    }
    return try checked(text)
  }

  private func list(
    _ key: String, of object: JSONValue?
  ) throws(ScoredTextError.Problem) -> [JSONValue] {
    guard let list = object?[key]?.array else {
      throw .missing(
        key: "logprobs.\(key)", found: object?[key]?.kind ?? "absent",
        remedy: "ask the server for a number of logprobs above 0")
    }
    return list
  }

  /// The ids of the text's tokens: as they are written, or else as the tokenizer makes them.
  private func echoedTokens(
    _ written: [JSONValue], of choice: JSONValue
  ) throws(ScoredTextError.Problem) -> [Int32] {
    var texts: [String] = []
    for (position, value) in written.enumerated() {
      guard let text = value.string else {
        throw .noSuchToken(position: position, text: value.kind)
      }
      texts.append(text)
    }
    let identified = texts.map { spelling.writtenID($0) }
    var tokens: [Int32] = []
    if identified.allSatisfy({ $0 != nil }) {
      for (position, number) in identified.enumerated() {
        tokens.append(try id(number ?? 0, at: position))
      }
      return tokens
    }
    if let text = choice["text"]?.string {
      tokens = try spelling.tokens(of: text)
    } else {
      tokens = try spelling.tokens(of: try joined(texts))
    }
    if tokens.count + 1 == texts.count, let begin = spelling.begin { tokens.insert(begin, at: 0) }
    for (position, (text, token)) in zip(texts, tokens).enumerated() {
      try spelling.check(text, isTextOf: token, at: position)
    }
    guard tokens.count == texts.count else {
      throw .lengths("tokens", texts.count, "tokens by this tokenizer", tokens.count)
    }
    return tokens
  }

  /// The text that tokens are the parts of, which may be spelled in the byte alphabet.
  private func joined(_ texts: [String]) throws(ScoredTextError.Problem) -> String {
    let text = texts.joined()
    guard try spelling.tokens(of: text).count != texts.count,
      let bytes = ByteAlphabet.bytes(of: text)
    else { return text }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The entries of a position, and the number that cannot be told from others.
  private func entries(
    _ value: JSONValue, _ names: EchoedNames, _ own: Double, at position: Int
  ) throws(ScoredTextError.Problem) -> ([(id: Int32, logProbability: Double)], Int) {
    guard let members = value.members else {
      throw .notLogProbability(position: position, found: value.kind)
    }
    var (entries, unidentified) = ([(id: Int32, logProbability: Double)](), 0)
    for member in members {
      let logProbability = try logProbability(member.value, at: position)
      if let number = spelling.writtenID(member.key) {
        entries.append((try id(number, at: position), logProbability))
      } else if let id = names.id(of: member.key, isOwnValue: logProbability == own) {
        entries.append((id, logProbability))
      } else if names.mayBePart(member.key) {
        // Half a character: any of many tokens. What is not kept counts as tail.
        unidentified += 1
      } else {
        throw .noSuchToken(position: position, text: member.key)
      }
    }
    return (entries, unidentified)
  }
}

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
    if let id = spelling.id(of: text.utf8) { return id }
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
