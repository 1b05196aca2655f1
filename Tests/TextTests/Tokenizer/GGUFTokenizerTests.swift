import Base
import Foundation
import TestSupport
import Testing
import Text

@Suite struct GGUFTokenizerTests {
  struct Golden: Decodable {
    struct Model: Decodable {
      var vocab: [String: Int]
      var merges: [String]
    }
    struct Added: Decodable {
      var id: Int
      var content: String
      var special: Bool
    }
    var model: Model
    var added_tokens: [Added]
  }

  /// The GPT-2-like golden as a GGUF's metadata would spell it.
  private func vocabulary(_ preTokenizer: String, addsBOS: Bool? = nil) throws -> GGUFVocabulary {
    let golden = try JSONDecoder().decode(
      Golden.self, from: Fixtures.data("gpt2_style_legacy_merges.json"))
    var tokens = golden.model.vocab.sorted { $0.value < $1.value }.map(\.key)
    var types = [Int32](repeating: 1, count: tokens.count)
    for added in golden.added_tokens {
      tokens.append(added.content)
      types.append(added.special ? 3 : 4)
    }
    return GGUFVocabulary(
      tokens: tokens, tokenTypes: types, merges: golden.model.merges, preTokenizer: preTokenizer,
      bosTokenID: 481, eosTokenID: 482, paddingTokenID: 480, addsBOS: addsBOS)
  }

  @Test func theSameTokenizerFromAnotherFileHasTheSameFingerprint() throws {
    let gguf = try Tokenizer(gguf: vocabulary("gpt-2"))
    let json = try Fixtures.tokenizer("gpt2_style_legacy_merges")
    #expect(gguf.fingerprint == json.fingerprint)
    let saved = try Tokenizer(json: gguf.json(), source: "saved")
    #expect(saved.fingerprint == json.fingerprint)
    #expect(gguf.bosTokenID == 481 && gguf.eosTokenID == 482 && gguf.paddingTokenID == 480)
  }

  @Test("cases padded-vocabulary, spare-token: converters' names of padding rows are no tokens")
  func unusedTokensAtTheEndAreNone() throws {
    var padded = try vocabulary("gpt-2")
    padded.tokens += (0..<5).map { "[PAD\(483 + $0)]" }
    padded.tokenTypes += Array(repeating: 5, count: 5)
    let tokenizer = try Tokenizer(gguf: padded)
    let plain = try Tokenizer(gguf: vocabulary("gpt-2"))
    #expect(tokenizer.fingerprint == plain.fingerprint)
    #expect(tokenizer.vocabularySize == plain.vocabularySize)
  }

  @Test func smollmSplitsEveryDigitFirst() throws {
    // "12" and "345" are tokens of this vocabulary: only the digit split keeps them apart.
    let digits = try Tokenizer(gguf: vocabulary("smollm")).encode("12345 6")
    let together = try Tokenizer(gguf: vocabulary("gpt-2")).encode("12345 6")
    #expect(digits == [16, 17, 18, 19, 20, 220, 21])
    #expect(together.count < digits.count)
  }

  @Test func bosGoesFirstOnlyWhereTheFileOrItsFamilySaysSo() throws {
    for (name, flag, expected) in [
      ("gpt-2", nil, false), ("gpt-2", true, true), ("llama-bpe", nil, true),
      ("llama3", false, false), ("qwen2", nil, false),
    ] as [(String, Bool?, Bool)] {
      let tokenizer = try Tokenizer(gguf: vocabulary(name, addsBOS: flag))
      #expect((try tokenizer.encode("a", addingSpecialTokens: true).first == 481) == expected)
      #expect(try tokenizer.encode("a").first != 481)
    }
  }

  @Test(arguments: ["smollm", "gpt-2", "llama-bpe", "llama3", "qwen2", "llama4", "default"])
  func everyKnownNameReadsAndSaves(name: String) throws {
    let tokenizer = try Tokenizer(gguf: vocabulary(name))
    let saved = try Tokenizer(json: tokenizer.json(), source: "saved")
    #expect(saved.fingerprint == tokenizer.fingerprint)
    var generator = SplitMix64(seed: 8)
    for _ in 0..<50 {
      let text = generator.text()
      #expect(try saved.encode(text) == tokenizer.encode(text))
    }
  }

  @Test func anUnknownNameIsAnErrorThatListsTheKnownOnes() throws {
    let vocabulary = try vocabulary("tekken")
    #expect { try Tokenizer(gguf: vocabulary) } throws: { error in
      "\(error)".contains("'tekken'") && "\(error)".contains("smollm")
    }
  }

  @Test func metadataThatDisagreeAreRefused() throws {
    var short = try vocabulary("gpt-2")
    short.tokenTypes.removeLast()
    #expect(throws: TokenizerError.self) { try Tokenizer(gguf: short) }
    var stray = try vocabulary("gpt-2")
    stray.eosTokenID = 100_000
    #expect(throws: TokenizerError.self) { try Tokenizer(gguf: stray) }
    var torn = try vocabulary("gpt-2")
    torn.merges[3] = "nospace"
    #expect(throws: TokenizerError.self) { try Tokenizer(gguf: torn) }
    var twice = try vocabulary("gpt-2")
    twice.tokens[5] = twice.tokens[6]
    #expect(throws: TokenizerError.self) { try Tokenizer(gguf: twice) }
  }
}
