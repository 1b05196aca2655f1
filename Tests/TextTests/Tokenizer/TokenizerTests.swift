import Foundation
import Testing

@testable import Text

@Suite struct TokenizerTests {
  @Test func bytesThatAreNotUTF8BecomeReplacementCharacters() throws {
    let tokenizer = try Fixtures.tokenizer("gpt2_style_legacy_merges")
    func ids(_ bytes: [UInt8]) throws -> [Int32] {
      try bytes.map { byte in
        try #require((0..<256).first { tokenizer.bytes(of: $0) == [byte] })
      }
    }
    // One U+FFFD for each maximal ill-formed part, as Python and Rust decode.
    #expect(try tokenizer.decode(ids([0xE6, 0x97])) == "\u{FFFD}")
    #expect(try tokenizer.decode(ids([0x61, 0xFF, 0xFE, 0x62])) == "a\u{FFFD}\u{FFFD}b")
    #expect(try tokenizer.decode(ids([0xF0, 0x9F, 0x99, 0x41])) == "\u{FFFD}A")
    #expect(try tokenizer.decode(ids([0xE6, 0x97, 0xA5])) == "日")
  }

  @Test func idsWithoutTokensDecodeToNothing() throws {
    let tokenizer = try Fixtures.tokenizer("llama3_style")
    #expect(tokenizer.decode([-1, 39, 1_000_000, .max, .min]) == "H")
    #expect(tokenizer.bytes(of: -5) == [])
    #expect(!tokenizer.isSpecial(-5))
    #expect(tokenizer.isSpecial(480))
  }

  @Test func idsAreFoundByText() throws {
    let tokenizer = try Fixtures.tokenizer("llama3_style")
    #expect(tokenizer.id(of: "<|im_start|>") == 481)
    #expect(tokenizer.id(of: "H") == 39)
    #expect(tokenizer.id(of: " ") == 220)
    #expect(tokenizer.id(of: "no such token") == nil)
  }

  @Test func rolesComeFromTheConfigBesideTheFile() throws {
    let folder = try TemporaryFolder()
    try folder.write(Fixtures.data("qwen2_style_nfc.json"), "tokenizer.json")
    #expect(try Tokenizer(contentsOf: folder.url.path).bosTokenID == 476)
    let config =
      #"{"bos_token":{"content":"<|im_start|>"},"eos_token":"<|im_end|>","pad_token":null}"#
    try folder.write(Array(config.utf8), "tokenizer_config.json")
    let tokenizer = try Tokenizer(contentsOf: folder.url.path)
    #expect(tokenizer.bosTokenID == 477)
    #expect(tokenizer.eosTokenID == 478)
    #expect(tokenizer.paddingTokenID == nil)
    let written = try JSONSerialization.jsonObject(with: tokenizer.configurationJSON())
    #expect((written as? [String: Any])?["eos_token"] as? String == "<|im_end|>")
  }

  @Test func aVeryLongPieceIsMergedAsItsBeginningIs() throws {
    let tokenizer = try Fixtures.tokenizer("llama3_style")
    // One run of letters is one piece; the period of the ids shows that merging went well.
    let period = "theinghelloworld"
    let long = String(repeating: period, count: 1 << 13)
    let ids = try tokenizer.encode(long)
    #expect(tokenizer.decode(ids) == long)
    #expect(Array(ids.prefix(400)) == Array(try tokenizer.encode(long + period).prefix(400)))
    #expect(ids.count < long.utf8.count)
  }

  @Test func textFullOfSpecialTokensIsRead() throws {
    let tokenizer = try Fixtures.tokenizer("llama3_style")
    let text = String(repeating: "<|im_start|><|im_", count: 1000)
    let ids = try tokenizer.encode(text)
    #expect(ids.filter { $0 == 481 }.count == 1000)
    #expect(tokenizer.decode(ids) == text)
  }
}
