import Foundation
import TestSupport
import Testing
import Text

@Suite struct ScoredTextParserTests {
  private let tokenizer: Tokenizer
  private let parser: ScoredTextParser
  private let prompt: ServedPrompt

  init() throws {
    let tokenizer = try Fixtures.tokenizer("llama3_style")
    self.tokenizer = tokenizer
    parser = ScoredTextParser(tokenizer, vocabularySize: tokenizer.vocabularySize)
    let text = "the cat sat, é!"
    prompt = ServedPrompt(
      text, tokens: try tokenizer.encode(text), entries: 6, vocabulary: 90
    ) { tokenizer.decode([$0]) }
  }

  private func parse(_ object: [String: Any]) throws -> [ScoredText] {
    try parse(try ServedPrompt.line(object))
  }

  private func parse(_ text: String) throws -> [ScoredText] {
    try parser.texts(ScoredLines.Line(bytes: Array(text.utf8), path: "f", number: 3))
  }

  /// Expects a line to be refused for a problem, with its place.
  private func expectRefusal(
    _ object: [String: Any], sourceLocation: SourceLocation = #_sourceLocation,
    _ isExpected: (ScoredTextError.Problem) -> Bool
  ) {
    #expect(sourceLocation: sourceLocation) {
      _ = try parse(object)
    } throws: { error in
      guard let error = error as? ScoredTextError else { return false }
      let isOneLine = !error.description.contains("\n") && error.description.hasPrefix("f:3: ")
      return isOneLine && isExpected(error.problem)
    }
  }

  private func expectText(
    _ texts: [ScoredText], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(texts.count == 1, sourceLocation: sourceLocation)
    guard let text = texts.first else { return }
    #expect(text.tokens == prompt.tokens, sourceLocation: sourceLocation)
    #expect(text.unidentified == 0, sourceLocation: sourceLocation)
    #expect(text.rows.count == prompt.rows.count, sourceLocation: sourceLocation)
    for (index, (row, expected)) in zip(text.rows, prompt.rows).enumerated() {
      #expect(Array(row.ids.prefix(6)) == expected.map(\.id), sourceLocation: sourceLocation)
      #expect(
        Array(row.logProbabilities.prefix(6)) == expected.map(\.logProbability),
        sourceLocation: sourceLocation)
      #expect(
        row.trueLogProbability == prompt.trueLogProbability(index),
        sourceLocation: sourceLocation)
      #expect(row.ids.contains(prompt.tokens[index + 1]), sourceLocation: sourceLocation)
    }
  }

  // MARK: - Layouts

  @Test func promptLogProbabilitiesOfADump() throws {
    expectText(try parse(prompt.promptLogProbabilities))
    var bare = prompt.promptLogProbabilities
    bare["prompt_token_ids"] = nil
    expectText(try parse(bare))
    bare["prompt"] = prompt.tokens
    expectText(try parse(bare))
  }

  @Test func promptLogProbabilitiesOfAServer() throws {
    var choice = prompt.promptLogProbabilities
    choice["prompt"] = nil
    choice["text"] = " and more"
    expectText(try parse(["choices": [choice]]))
    expectText(try parse(["choices": [choice, choice]]))
    let (ids, list) = (choice["prompt_token_ids"], choice["prompt_logprobs"])
    let split = ["prompt_token_ids": ids as Any, "choices": [["prompt_logprobs": list as Any]]]
    expectText(try parse(split))
    expectText(try parse(["custom_id": "1", "response": ["status_code": 200, "body": split]]))
  }

  @Test(arguments: [false, true]) func completionsWithEcho(asIDs: Bool) throws {
    expectText(try parse(prompt.echo(asIDs: asIDs)))
  }

  @Test func aTextThatBeginsWithBOS() throws {
    let begun = ServedPrompt(
      prompt.text, tokens: try tokenizer.encode(prompt.text, addingSpecialTokens: true), entries: 6,
      vocabulary: 90
    ) { [tokenizer] in tokenizer.decode([$0]) }
    for object in [begun.promptLogProbabilities, begun.echo(asIDs: false)] {
      #expect(try parse(object)[0].tokens == begun.tokens)
    }
    #expect(begun.tokens.first == tokenizer.bosTokenID)
  }

  /// Bytes of half a character are any of many tokens where only their text is given.
  @Test func tokensAreReadFromBytes() throws {
    let half = try #require((0..<Int32(480)).first { tokenizer.bytes(of: $0) == [0xC3] })
    var object = prompt.echo(asIDs: false)
    try edit(&object, entry: "bytes:\\xC3", -20)
    let row = try parse(object)[0].rows[2]
    #expect(row.ids.last == half && row.logProbabilities.last == -20)
    object = prompt.echo(asIDs: false)
    try edit(&object, entry: "\u{FFFD}", -20)
    let text = try parse(object)[0]
    #expect(text.unidentified == 1)
    #expect(!text.rows[2].logProbabilities.contains(-20))
  }

  // MARK: - Refusals

  /// Adds an entry to the third row of a completion.
  private func edit(_ object: inout [String: Any], entry: String, _ value: Any) throws {
    try edit(&object) { logprobs in
      var top = logprobs["top_logprobs"] as? [Any] ?? []
      var row = top[3] as? [String: Any] ?? [:]
      row[entry] = value
      top[3] = row
      logprobs["top_logprobs"] = top
    }
  }

  private func edit(
    _ object: inout [String: Any], _ change: (inout [String: Any]) -> Void
  ) throws {
    var choice = try #require((object["choices"] as? [[String: Any]])?.first)
    var logprobs = try #require(choice["logprobs"] as? [String: Any])
    change(&logprobs)
    choice["logprobs"] = logprobs
    object["choices"] = [choice]
  }

  /// The dump with another third row, made from its entries.
  private func changed(
    _ change: (inout [String: [String: Any]]) -> Void
  ) throws -> [String: Any] {
    var object = prompt.promptLogProbabilities
    var list = try #require(object["prompt_logprobs"] as? [Any])
    var row = try #require(list[3] as? [String: [String: Any]])
    change(&row)
    list[3] = row
    object["prompt_logprobs"] = list
    return object
  }

  @Test func whatIsNoJSONObjectOrHoldsNothing() throws {
    for text in ["{", "[]", "3", "", "{\"a\": -Infinity}", "{\"a\": 1, \"a\": 2}"] {
      #expect(throws: ScoredTextError.self, "\(text)") { try parse(text) }
    }
    expectRefusal(["text": "a"]) { $0 == .unknownLayout(keys: ["text"]) }
    // What is not read is passed over, however large.
    let line = try ServedPrompt.line(prompt.promptLogProbabilities)
    let unread = "{\"x\": [\(String(repeating: "1, ", count: 1000))1], \(line.dropFirst())"
    #expect(try parse(unread) == parse(line))
    for object in [
      ["prompt_logprobs": NSNull()], ["prompt_logprobs": 3], ["prompt_logprobs": [NSNull()]],
      ["prompt_logprobs": [NSNull()], "prompt_token_ids": ["a"]],
    ] as [[String: Any]] {
      expectRefusal(object) { if case .missing = $0 { true } else { false } }
    }
  }

  @Test func listsOfOtherLengths() throws {
    var object = prompt.promptLogProbabilities
    object["prompt_token_ids"] = Array(prompt.tokens.dropLast())
    expectRefusal(object) { if case .lengths = $0 { true } else { false } }
    for key in ["tokens", "token_logprobs", "top_logprobs"] {
      var echo = prompt.echo(asIDs: true)
      try edit(&echo) { $0[key] = ($0[key] as? [Any]).map { Array($0.dropLast()) } }
      expectRefusal(echo) { if case .lengths = $0 { true } else { false } }
    }
  }

  @Test func tokensThatAreNone() throws {
    for key in ["484", "-1", "99999999999"] {
      expectRefusal(try changed { $0[key] = ["logprob": -9.0] }) { problem in
        if case .outOfRange(3, _, 484) = problem { true } else { false }
      }
    }
    expectRefusal(try changed { $0["a"] = ["logprob": -9.0] }) {
      $0 == .noSuchToken(position: 3, text: "a")
    }
    var echo = prompt.echo(asIDs: false)
    try edit(&echo, entry: "no token", -20)
    expectRefusal(echo) { $0 == .noSuchToken(position: 3, text: "no token") }
    echo = prompt.echo(asIDs: false)
    try edit(&echo, entry: "bytes:\\xZZ", -20)
    expectRefusal(echo) { if case .noSuchToken(3, _) = $0 { true } else { false } }
  }

  @Test func tokensOfAnotherTokenizer() throws {
    expectRefusal(
      try changed { row in
        for key in row.keys { row[key]?["decoded_token"] = "other" }
      }
    ) { if case .otherToken(3, _, _) = $0 { true } else { false } }
    var object = prompt.promptLogProbabilities
    object["prompt"] = "the cot sat, é!"
    let found = zip(prompt.tokens, try tokenizer.encode("the cot sat, é!"))
    let position = try #require(Array(found).firstIndex { $0 != $1 })
    expectRefusal(object) { problem in
      if case .otherToken(position, _, _) = problem { true } else { false }
    }
    var echo = prompt.echo(asIDs: false)
    try edit(&echo) { logprobs in
      var tokens = logprobs["tokens"] as? [String] ?? []
      tokens[4] = "other"
      logprobs["tokens"] = tokens
    }
    expectRefusal(echo) { if case .otherToken(4, _, _) = $0 { true } else { false } }
  }

  @Test func tidiedAndBrokenTextsOfTokensPass() throws {
    for text in ["", "\u{FFFD}"] {
      expectText(
        try parse(
          try changed { row in
            for key in row.keys { row[key]?["decoded_token"] = text }
          }))
    }
    expectText(
      try parse(
        try changed { row in
          for key in row.keys { row[key]?["decoded_token"] = NSNull() }
        }))
  }

  @Test func whatIsNoLogProbability() throws {
    for value in [0.5, "-1", NSNull(), [1], true] as [Any] {
      let object = try changed { row in
        for key in row.keys { row[key]?["logprob"] = value }
      }
      expectRefusal(object) { problem in
        if case .notLogProbability(3, _) = problem { true } else { false }
      }
    }
    var echo = prompt.echo(asIDs: true)
    try edit(&echo) { logprobs in
      var own = logprobs["token_logprobs"] as? [Any] ?? []
      own[3] = NSNull()
      logprobs["token_logprobs"] = own
    }
    expectRefusal(echo) { if case .notLogProbability(3, _) = $0 { true } else { false } }
  }

  @Test func probabilitiesThatAreNoneTogether() throws {
    expectRefusal(
      try changed { row in
        for key in row.keys { row[key]?["logprob"] = -0.5 }
      }
    ) { if case .tooMuchMass(3, _) = $0 { true } else { false } }
    // A hair above 1 is rounding.
    let rounded = try changed { row in
      let even = -log(Double(row.count)) + 1e-4
      for key in row.keys { row[key]?["logprob"] = even }
    }
    #expect(try parse(rounded)[0].rows[2].ids.count >= 6)
  }

  @Test func aRowWithoutTheTrueTokenOrTheTop() throws {
    let token = prompt.tokens[3]
    expectRefusal(try changed { $0["\(token)"] = nil }) {
      $0 == .noTrueToken(position: 3, id: Int(token))
    }
    expectRefusal(
      try changed { $0 = ["\(token)": ["logprob": -9.0, "rank": 40]] }
    ) { $0 == .notTheTop(position: 3, rank: 40) }
    var echo = prompt.echo(asIDs: true)
    try edit(&echo, entry: "token_id:\(token)", -3)
    try edit(&echo, entry: "token_id:0\(token)", -3)
    expectRefusal(echo) { $0 == .twice(position: 3, id: Int(token)) }
  }

  @Test func everyCutOfALineIsRefused() throws {
    let line = Array(try ServedPrompt.line(prompt.promptLogProbabilities).utf8)
    for length in stride(from: 0, to: line.count, by: 41) {
      #expect(throws: ScoredTextError.self) {
        try parser.texts(
          ScoredLines.Line(bytes: Array(line[..<length]), path: "f", number: 1))
      }
    }
  }

  // MARK: - Files

  @Test func linesComeInOrderFromAllFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write("1\n\n 2 \n".utf8, "a.jsonl")
    try folder.write("3".utf8, "b.jsonl")
    var lines = try ScoredLines(paths: [folder.url.path])
    var found: [String] = []
    while let line = try lines.next() {
      found.append("\(line.path.suffix(7)):\(line.number) ")
      #expect(!line.bytes.isEmpty)
    }
    #expect(found == ["a.jsonl:1 ", "a.jsonl:3 ", "b.jsonl:1 "])
    lines = try ScoredLines(paths: [folder.url.path])
    #expect(try lines.next(2, bytes: 100).count == 2)
    #expect(try lines.next(2, bytes: 100).count == 1)
    #expect(try lines.next(2, bytes: 100).isEmpty)
  }
}
