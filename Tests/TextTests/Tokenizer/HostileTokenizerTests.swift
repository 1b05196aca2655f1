import Base
import Foundation
import TestSupport
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
    #expect(try tokenizer.encode("ab<s>ba") == [2, 3, 1, 0])
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

  private static let long = String(repeating: "a", count: 40_000)
  private static let split =
    #"{"type":"Split","pattern":{"Regex":"PATTERN"},"behavior":"Isolated"}"#

  private func splitting(_ pattern: String) throws -> Tokenizer {
    let escaped = pattern.replacing("\\", with: #"\\"#)
    return try load(
      replacing: "{\"type\":\"ByteLevel\",\n",
      with: #"{"type":"Sequence","pretokenizers":["#
        + Self.split.replacing("PATTERN", with: escaped) + #",{"type":"ByteLevel"}],"#)
  }

  @Test(
    "case tokenizer-bombs: a polynomial pattern stops, and the pattern is named",
    arguments: ["b*z|b", "[a-z]*?1|.", "(?=.*z)b|b", #"\p{L}*\d|\p{L}"#, "b+b*c|b", "(?:bb?)*z|b"])
  func polynomialPatternsStop(pattern: String) throws {
    let tokenizer = try splitting(pattern)
    #expect(try tokenizer.encode("bb bab").isEmpty == false)
    #expect {
      try tokenizer.encode(String(repeating: "b", count: 1 << 16))
    } throws: { error in
      guard case .pattern("hostile.json", let reason)? = error as? TokenizerError else {
        return false
      }
      return reason.contains("'\(pattern)': takes too many steps")
    }
  }

  @Test("case tokenizer-bombs: what a Replace stops at is an error, too")
  func replacingStops() throws {
    let replace = #"{"type":"Replace","pattern":{"Regex":"(?=.*z)b"},"content":"c"}"#
    let tokenizer = try load(
      replacing: #""normalizer":null"#, with: #""normalizer":\#(replace)"#)
    #expect(throws: TokenizerError.self) {
      try tokenizer.encode(String(repeating: "b", count: 1 << 16))
    }
  }

  @Test(
    "case tokenizer-bombs: normalisation makes at most 64 bytes of each",
    arguments: [
      #"{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaaa"}"#,
      #"{"type":"Replace","pattern":{"Regex":"a"},"content":"aaaaaaaaaa"}"#,
      #"{"type":"Prepend","prepend":"\#(HostileTokenizerTests.long)"}"#,
    ])
  func growthIsBounded(normalizer: String) throws {
    let steps = [String](repeating: normalizer, count: 9).joined(separator: ",")
    let sequence = #"{"type":"Sequence","normalizers":[\#(steps)]}"#
    let tokenizer = try load(
      replacing: #""normalizer":null"#, with: #""normalizer":\#(sequence)"#)
    #expect {
      try tokenizer.encode("abc")
    } throws: { error in
      guard case .pattern("hostile.json", let reason)? = error as? TokenizerError else {
        return false
      }
      return reason.contains("makes a text too long")
    }
    let many = [String](repeating: #"{"type":"NFC"}"#, count: 65).joined(separator: ",")
    #expect(throws: TokenizerError.self) {
      try load(
        replacing: #""normalizer":null"#,
        with: #""normalizer":{"type":"Sequence","normalizers":[\#(many)]}"#)
    }
  }

  @Test("case tokenizer-bombs: an id far beyond the others is refused")
  func sparseIdentifiersAreRefused() throws {
    #expect(
      throws: TokenizerError.vocabulary(
        source: "hostile.json", reason: "the id 16777215 is far beyond its 4 tokens")
    ) { try load(replacing: #""ab":2"#, with: #""ab":16777215"#) }
    #expect(throws: Never.self) { try load(replacing: #""ab":2"#, with: #""ab":60000"#) }
  }

  @Test("case tokenizer-bombs: added tokens that begin alike do not take a text's length each")
  func addedTokensAreBounded() throws {
    let long = String(repeating: "a", count: 5000) + "<"
    let tokenizer = try load(
      replacing: #"{"id":3,"content":"<s>""#,
      with:
        #"{"id":4,"content":"\#(long)","normalized":false,"special":true},{"id":3,"content":"<s>""#)
    #expect(try tokenizer.encode(long).last == 4)
    #expect(throws: TokenizerError.self) {
      try tokenizer.encode(String(repeating: "a", count: 1 << 16))
    }
  }

  @Test("case tokenizer-bombs: merging a megabyte without a space is no square")
  func longPiecesAreMerged() throws {
    let ids = try load(Self.valid).encode(String(repeating: "ab", count: 1 << 16))
    #expect(ids == [Int32](repeating: 2, count: 1 << 16))
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
    var generator = SplitMix64(seed: 17)
    for _ in 0..<500 {
      var bytes = Array(Self.valid.utf8)
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      let tokenizer = try? Tokenizer(json: Data(bytes), source: "flipped")
      _ = try? tokenizer?.encode("ab<s> ba")
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
