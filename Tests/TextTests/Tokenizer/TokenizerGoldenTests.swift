import Base
import Foundation
import TestSupport
import Testing
import Text

@Suite struct TokenizerGoldenTests {
  struct Case: Decodable {
    var text: String
    var ids: [Int32]
    var ids_nospecial: [Int32]
    var decode_skip: String
    var decode_keep: String
  }

  static let names = [
    "gpt2_style_legacy_merges", "llama3_style", "llama4_style", "qwen2_style_nfc",
  ]

  @Test(arguments: names) func idsAndDecodesAreTheReferences(name: String) throws {
    let tokenizer = try Fixtures.tokenizer(name)
    let cases = try JSONDecoder().decode(
      [Case].self, from: Fixtures.data(name + ".expected.json"))
    #expect(cases.count == 15)
    for golden in cases {
      #expect(try tokenizer.encode(golden.text, addingSpecialTokens: true) == golden.ids)
      #expect(try tokenizer.encode(golden.text) == golden.ids_nospecial)
      let skipped = tokenizer.decode(golden.ids, skippingSpecialTokens: true)
      #expect(Array(skipped.utf8) == Array(golden.decode_skip.utf8))
      let kept = tokenizer.decode(golden.ids)
      #expect(Array(kept.utf8) == Array(golden.decode_keep.utf8))
    }
  }

  @Test(arguments: names) func savedAndLoadedAgainIsTheSame(name: String) throws {
    let tokenizer = try Fixtures.tokenizer(name)
    let again = try Tokenizer(json: try tokenizer.json(), source: "saved")
    #expect(again.fingerprint == tokenizer.fingerprint)
    #expect(again.vocabularySize == tokenizer.vocabularySize)
    #expect(again.bosTokenID == tokenizer.bosTokenID)
    var generator = SplitMix64(seed: 11)
    for _ in 0..<100 {
      let text = generator.text()
      let ids = try tokenizer.encode(text, addingSpecialTokens: true)
      #expect(try again.encode(text, addingSpecialTokens: true) == ids)
    }
  }

  @Test func theFourHaveFourFingerprints() throws {
    let fingerprints = try Self.names.map { try Fixtures.tokenizer($0).fingerprint }
    #expect(Set(fingerprints).count == 4)
    #expect(fingerprints.allSatisfy { $0.count == 64 })
  }

  @Test(arguments: names.dropLast()) func decodingUndoesEncoding(name: String) throws {
    let tokenizer = try Fixtures.tokenizer(name)
    var generator = SplitMix64(seed: 5)
    for _ in 0..<300 {
      let text = generator.text()
      let ids = try tokenizer.encode(text)
      #expect(Array(tokenizer.decode(ids).utf8) == Array(text.utf8))
      #expect(ids.flatMap { tokenizer.bytes(of: $0) } == Array(text.utf8))
      #expect(ids.allSatisfy { (0..<tokenizer.vocabularySize).contains(Int($0)) })
    }
  }
}
