@testable import Base
import Foundation
import TestSupport
import Testing

@testable import Text

/// Rows as real servers write them.
@Suite struct ServerRowsTests {
  private let tokenizer: Tokenizer
  private let parser: ScoredTextParser

  init() throws {
    let tokenizer = try Fixtures.tokenizer("llama3_style")
    self.tokenizer = tokenizer
    parser = ScoredTextParser(tokenizer, vocabularySize: tokenizer.vocabularySize)
  }

  private func parse(_ line: String) throws -> ScoredText {
    try #require(
      try parser.texts(ScoredLines.Line(bytes: Array(line.utf8), path: "f", number: 1)).first)
  }

  private func prompt(_ name: ((Int32) -> String)? = nil) throws -> ServedPrompt {
    let text = "the cat sat, é!"
    return ServedPrompt(
      text, tokens: try tokenizer.encode(text), entries: 6, vocabulary: 90,
      name: name ?? { [tokenizer] in tokenizer.decode([$0]) })
  }

  /// A line with one token's rows: the log-probabilities are written as they are.
  private func line(_ rows: [[(id: Int, value: String)]], tokens: [Int]) -> String {
    let objects = rows.map { row in
      "{" + row.map { "\"\($0.id)\": {\"logprob\": \($0.value)}" }.joined(separator: ",") + "}"
    }
    return "{\"prompt_token_ids\": \(tokens), \"prompt_logprobs\": [null,"
      + objects.joined(separator: ",") + "]}"
  }

  // MARK: - Texts

  @Test("case import-vllm-texts: a token may be spelled in the byte alphabet")
  func theByteAlphabet() throws {
    let plain = try prompt()
    let spelled = try prompt { [tokenizer] in ByteAlphabet.token(of: tokenizer.bytes(of: $0)) }
    let expected = try parse(ServedPrompt.line(plain.promptLogProbabilities))
    #expect(try parse(ServedPrompt.line(spelled.promptLogProbabilities)) == expected)
    #expect(try parse(ServedPrompt.line(spelled.echo(asIDs: false))).rows == expected.rows)
  }

  /// A token's text as vLLM gives it: nothing until a character is whole.
  private func texts(_ tokens: [Int32]) -> [String] {
    var begun: [UInt8] = []
    return tokens.map { token in
      begun += tokenizer.bytes(of: token)
      guard let text = String(validating: begun, as: UTF8.self) else { return "" }
      begun = []
      return text
    }
  }

  @Test("case import-vllm-texts: half characters come as empty texts, the rest as the whole one")
  func halfCharacters() throws {
    let text = "a ✅🚀 b"
    let tokens = try tokenizer.encode(text)
    let names = texts(tokens)
    try #require(names.contains(""))
    let other = tokenizer.decode([70])
    let rows = tokens.indices.dropFirst().map { index -> [String: Double] in
      [names[index]: -2 - Double(index), other: -1, "\u{FFFD}": -1.5]
    }
    let own = tokens.indices.dropFirst().map { -2 - Double($0) }
    let logprobs: [String: Any] = [
      "tokens": names, "token_logprobs": [NSNull()] + own as [Any],
      "top_logprobs": [NSNull()] + rows as [Any],
    ]
    let object: [String: Any] = ["choices": [["text": text, "logprobs": logprobs]]]
    let scored = try parse(ServedPrompt.line(object))
    #expect(scored.tokens == tokens)
    #expect(scored.unidentified == rows.count)
    for (index, row) in scored.rows.enumerated() {
      #expect(row.ids.last == tokens[index + 1] && row.trueLogProbability == -3 - Double(index))
    }
    // A half character that is not the true token's value is another token's.
    var others = rows
    let half = try #require(names.dropFirst().firstIndex(of: "")) - 1
    others[half][""] = -1.75
    var edited = logprobs
    edited["top_logprobs"] = [NSNull()] + others as [Any]
    let line = try ServedPrompt.line(["choices": [["text": text, "logprobs": edited]]])
    let ids = try parse(line).rows[half].ids
    #expect(!ids.contains(tokens[half + 1]))
  }

  @Test("case import-vllm-texts: another end of the character that is begun")
  func otherEndsOfACharacter() throws {
    let bytes = Array("é".utf8)
    let ids = try bytes.map { byte in
      try #require((0..<Int32(480)).first { tokenizer.bytes(of: $0) == [byte] })
    }
    let other = try #require((0..<Int32(480)).first { tokenizer.bytes(of: $0) == [0xA8] })
    let written: [JSONValue] = [.string(""), .string("é")]
    var names = EchoedNames(TokenSpelling(tokenizer), ids, written)
    names.advance(over: 0)
    names.advance(over: 1)
    #expect(names.id(of: "é", isOwnValue: false) == ids[1])
    #expect(names.id(of: "è", isOwnValue: false) == other)
    #expect(names.mayBePart("€"))
  }

  @Test("case import-vllm-texts: vLLM's echo has prompt_logprobs too, but no ids for them")
  func anEchoWithBoth() throws {
    let prompt = try prompt()
    var object = prompt.echo(asIDs: false)
    var choice = try #require((object["choices"] as? [[String: Any]])?.first)
    choice["prompt_logprobs"] = prompt.promptLogProbabilities["prompt_logprobs"]
    choice["prompt_token_ids"] = NSNull()
    object["choices"] = [choice]
    #expect(try parse(ServedPrompt.line(object)).tokens == prompt.tokens)
    // The generated token's log-probability alone is no echo.
    choice["logprobs"] = [
      "tokens": ["the"], "token_logprobs": [-1.5], "top_logprobs": [["the": -1.5]],
    ]
    object["choices"] = [choice]
    #expect { try parse(ServedPrompt.line(object)) } throws: {
      "\($0)".contains("'prompt_token_ids' is absent")
    }
  }

  // MARK: - Values

  @Test(
    "case import-vllm-texts: -Infinity is probability 0",
    arguments: ["-Infinity", "null", "-9999.0", "-1e9", "-1e400", "-3.4028234663852886e+38"])
  func noProbability(value: String) throws {
    let row = [(5, "-0.5"), (6, "-2.5"), (7, "-3.5"), (8, value)]
    let text = try parse(line([row, row], tokens: [4, 5, 6]))
    #expect(text.rows[0].ids == [5, 6, 7] && text.rows[0].impossible == 1)
    #expect(text.rows[0].logProbabilities == [-0.5, -2.5, -3.5])
  }

  @Test func aTrueTokenWithoutProbabilityIsKept() throws {
    let rows = [
      [(5, "-0.5"), (6, "-2.5")], [(5, "-0.5"), (6, "-2.5"), (9, "-Infinity")],
      [(7, "-0.5"), (6, "-2.5")],
    ]
    let text = try parse(line(rows, tokens: [4, 5, 9, 7]))
    #expect(text.rows.map(\.trueLogProbability) == [-0.5, -.infinity, -0.5])
  }

  @Test(
    "case import-filtered: rows after the sampling filter are refused",
    arguments: [
      "-9999.0", "-9999", "-1e9", "-100", "-100.0", "-Infinity", "null", "-87.3365478515625",
    ])
  func filteredRows(value: String) {
    let refused = [
      [(5, "0.0"), (6, value), (7, value)], [(5, "-1e-7"), (6, value), (7, value)],
      [(5, "-0.6931472"), (6, "-0.6931472"), (7, value), (8, value)],
      // As bfloat16 has it: together 0.9965.
      [(5, "-0.69921875"), (6, "-0.69140625"), (7, value), (8, value)],
    ]
    for row in refused {
      let isNatural = [(5, "-1.5"), (6, "-2.5"), (7, "-3.5")]
      for rows in [[row], [isNatural, row]] {
        expectFiltered(line(rows, tokens: [4, 5, 5].dropLast(2 - rows.count)))
      }
    }
  }

  private func expectFiltered(_ line: String) {
    #expect {
      _ = try parse(line)
    } throws: {
      "\($0)".hasSuffix("ask without top_k, top_p, temperature and min_p")
    }
  }

  @Test("case import-filtered: one-hot rows, and true tokens that the filter ruled out")
  func filteredTexts() {
    expectFiltered(line([[(5, "0.0")], [(6, "0.0")], [(5, "0")]], tokens: [4, 5, 6, 5]))
    let half = [(5, "-0.6931472"), (6, "-0.6931472")]
    expectFiltered(line([half, half, half], tokens: [4, 5, 6, 5]))
    let cut = [(5, "-0.9"), (6, "-1.2"), (7, "-9999.0")]
    expectFiltered(line([half + [(7, "-9999.0")], cut], tokens: [4, 7, 7]))
    expectFiltered(line([cut, cut, cut], tokens: [4, 7, 7, 7]))
  }

  @Test(
    "case import-filtered: a teacher that is sure is no filter", arguments: ["0.0", "-1e-7"])
  func aSureTeacher(first: String) throws {
    let sure = [(5, first), (6, "-15.25"), (7, "-22.5"), (8, "-40.125")]
    let rows = [sure, sure, sure]
    let text = try parse(line(rows, tokens: [4, 5, 6, 5]))
    #expect(text.rows.allSatisfy { $0.ids == [5, 6, 7, 8] && $0.impossible == 0 })
    #expect(text.rows[1].trueLogProbability == -15.25)
    // Logits of 16 bits make round and equal numbers.
    let coarse = [(5, "0.0"), (6, "-52.0"), (7, "-60.0"), (8, "-60.0")]
    #expect(try parse(line([coarse, coarse], tokens: [4, 5, 6])).rows[0].ids.count == 4)
    // One certain row among others says nothing either.
    let natural = [(5, "-1.5"), (6, "-2.5"), (7, "-3.5")]
    #expect(try parse(line([[(5, "0.0")], natural], tokens: [4, 5, 5])).rows.count == 2)
  }

  @Test("case import-filtered: padding of a whole vocabulary has no probability")
  func paddingOfAWholeVocabulary() throws {
    let size = tokenizer.vocabularySize
    let row = (0..<size).map { ($0, $0 < size - 20 ? "\(-log(Double(size - 20)))" : "-Infinity") }
    #expect(try parse(line([row, row], tokens: [4, 5, 6])).rows[0].impossible == 20)
  }

  // MARK: - Files

  @Test("case import-vllm-texts: an array of answers, or one over several lines")
  func otherLayouts() throws {
    let folder = try TemporaryFolder()
    for text in ["[{\"a\":1},\n{\"a\":2}]", "{\n\"a\":1\n}\n{\"a\":\n2}", "{\"a\":1}\n{\"a\":2}"] {
      var lines = try ScoredLines(paths: [folder.write(text.utf8, "a.json")])
      #expect(try lines.next(9, bytes: 100).count == 2)
    }
    #expect(throws: DocumentError.readOnce(path: "/dev/fd/0")) {
      try ScoredLines(paths: ["/dev/fd/0"])
    }
  }
}
