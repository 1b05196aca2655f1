import Foundation
import Testing

@testable import Text

/// Broken and malicious tokenizer.json files: each a typed error, never a trap.
@Suite struct HostileTokenizerTests {
  /// A small valid file: two letters, their merge, and a special token.
  static let valid = #"""
    {"added_tokens":[{"id":3,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,
    "normalized":false,"special":true}],"normalizer":null,"pre_tokenizer":{"type":"ByteLevel",
    "add_prefix_space":false,"use_regex":false},"post_processor":null,"decoder":{"type":"ByteLevel"},
    "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}
    """#

  private func load(_ text: String) throws -> Tokenizer {
    try Tokenizer(json: Data(text.utf8), source: "hostile.json")
  }

  private func load(replacing part: String, with other: String) throws -> Tokenizer {
    #expect(Self.valid.contains(part))
    return try load(Self.valid.replacingOccurrences(of: part, with: other))
  }

  @Test func theValidOneLoads() throws {
    let tokenizer = try load(Self.valid)
    #expect(tokenizer.encode("ab<s>ba") == [2, 3, 1, 0])
    #expect(tokenizer.vocabularySize == 4)
    #expect(tokenizer.bosTokenID == 3)
  }

  @Test(arguments: [
    (#""ab":2"#, #""ab":1"#), (#""ab":2"#, #""ab":-1"#), (#""ab":2"#, #""ab":99999999999"#),
    (#""ab":2"#, #""ab":16777216"#), (#""ab":2"#, #""ab":"2""#),
    (#""ab":2"#, #""ab":2.5"#), (#""id":3"#, #""id":0"#), (#""id":3"#, #""id":-3"#),
    (#""id":3,"content":"<s>""#, #""id":3,"content":"a""#),
    (#""merges""#, #""unk_token":"<none>","merges""#),
  ]) func badVocabulariesAreRefused(part: String, other: String) {
    #expect { try load(replacing: part, with: other) } throws: { error in
      guard case .vocabulary(source: "hostile.json", _)? = error as? TokenizerError else {
        return false
      }
      return true
    }
  }

  @Test func aTokenThatComesTwiceIsRefusedInVocabulariesOfAnySize() {
    #expect(throws: TokenizerError.self) {
      try load(replacing: #""ab":2"#, with: #""ab":2,"ab":3"#)
    }
    let many = (4..<200).map { #""t\#($0)":\#($0),"# }.joined()
    #expect(
      throws: TokenizerError.vocabulary(
        source: "hostile.json", reason: "the token 't7' is there twice")
    ) { try load(replacing: #""ab":2"#, with: many + #""t7":200,"ab":2"#) }
  }

  @Test(arguments: [
    #"["a c"]"#, #"["a"]"#, #"["a b c"]"#, #"["b a"]"#, #"[["a"]]"#, #"[1]"#, #"[["a","b","c"]]"#,
  ]) func badMergesAreRefused(merges: String) {
    #expect { try load(replacing: #"["a b"]"#, with: merges) } throws: { error in
      guard case .merge(source: "hostile.json", index: 0, _)? = error as? TokenizerError else {
        return false
      }
      return true
    }
  }

  @Test(arguments: [
    (#""normalizer":null"#, #""normalizer":{"type":"Nmt"}"#),
    (#""type":"BPE""#, #""type":"Unigram""#),
    (#""decoder":{"type":"ByteLevel"}"#, #""decoder":{"type":"Metaspace"}"#),
    (#""post_processor":null"#, #""post_processor":{"type":"BertProcessing"}"#),
    (#""post_processor":null"#, #""post_processor":{"type":"TemplateProcessing","single":[]}"#),
    (#"{"type":"ByteLevel","#, #"{"type":"Metaspace","#),
    (#"{"type":"ByteLevel","#, #"{"type":"Sequence","pretokenizers":[],"#),
    (#""merges""#, #""end_of_word_suffix":"</w>","merges""#),
    (#""merges""#, #""dropout":0.1,"merges""#),
    (#""merges""#, #""byte_fallback":true,"merges""#),
  ]) func whatIsNotByteLevelIsRefusedByName(part: String, other: String) {
    #expect { try load(replacing: part, with: other) } throws: { error in
      guard case .unsupported(source: "hostile.json", _, _, _)? = error as? TokenizerError else {
        return false
      }
      return !"\(error)".contains("\n")
    }
  }

  @Test func missingKeysAndWrongKindsNameThePlace() {
    #expect(throws: TokenizerError.missingKey(source: "x", key: "model")) {
      try Tokenizer(json: Data("{}".utf8), source: "x")
    }
    #expect(throws: TokenizerError.missingKey(source: "hostile.json", key: "model.vocab")) {
      try load(replacing: "vocab", with: "words")
    }
    #expect(
      throws: TokenizerError.wrongKind(
        source: "hostile.json", key: "added_tokens.0.id", expected: "a whole number",
        found: "a string")
    ) { try load(replacing: #""id":3"#, with: #""id":"3""#) }
  }

  @Test func aPatternWithoutBoundIsRefused() {
    let split =
      #"{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(a+)+$"},"#
      + #""behavior":"Isolated"},{"type":"ByteLevel"}],"#
    #expect { try load(replacing: "{\"type\":\"ByteLevel\",\n", with: split) } throws: { error in
      guard case .pattern(source: "hostile.json", _)? = error as? TokenizerError else {
        return false
      }
      return true
    }
  }

  @Test func aTemplateOfATokenThatIsNotThereIsRefused() {
    let template =
      #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}},"#
      + #"{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"x":{"ids":[77]}}}"#
    #expect(throws: TokenizerError.self) {
      try load(replacing: #""post_processor":null"#, with: #""post_processor":\#(template)"#)
    }
  }

  @Test func everyTruncationIsAnErrorOrATokenizer() {
    let bytes = Array(Self.valid.utf8)
    for count in stride(from: 0, to: bytes.count, by: 3) {
      #expect(throws: TokenizerError.self) {
        try Tokenizer(json: Data(bytes[..<count]), source: "cut")
      }
    }
  }

  @Test func flippedBytesNeverTrap() {
    var generator = SeededGenerator(state: 17)
    for _ in 0..<500 {
      var bytes = Array(Self.valid.utf8)
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      let tokenizer = try? Tokenizer(json: Data(bytes), source: "flipped")
      _ = tokenizer?.encode("ab<s> ba")
    }
  }

  @Test func pathsThatAreNotThereAreNamed() throws {
    #expect(throws: TokenizerError.unreadable(path: "/nowhere/t.json", reason: "no such file")) {
      try Tokenizer(contentsOf: "/nowhere/t.json")
    }
    let folder = try TemporaryFolder()
    #expect(throws: TokenizerError.noTokenizer(folder: folder.url.path)) {
      try Tokenizer(contentsOf: folder.url.path)
    }
  }
}
