import Foundation
import Testing
import Text

@Suite struct TiktokenTests {
  private func load(_ lines: String, specials: [String] = []) throws -> Tokenizer {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(lines.utf8), "tokenizer.model")
    return try Tokenizer(tiktoken: path, pattern: PreTokenizerPattern.o200k, specials: specials)
  }

  private func lines(_ tokens: [String]) -> String {
    tokens.enumerated().map { "\(Data($1.utf8).base64EncodedString()) \($0)\n" }.joined()
  }

  @Test func theLowestRankJoinsFirst() throws {
    let tokenizer = try load(
      lines(["a", "b", "c", "bc", "ab", "abcc"]), specials: ["<|eot|>"])
    #expect(try tokenizer.encode("abc") == [0, 3])
    #expect(try tokenizer.encode("ab") == [4])
    // A whole piece that is a token is taken as it is, though no two tokens make it.
    #expect(try tokenizer.encode("abcc<|eot|>") == [5, 6])
    #expect(tokenizer.vocabularySize == 7)
    let saved = try Tokenizer(json: tokenizer.json(), source: "saved")
    #expect(saved.fingerprint == tokenizer.fingerprint)
  }

  @Test(arguments: ["", "YQ==", "YQ== 1", "YQ== 0 0", "* 0", "YQ== 0\nYQ== 1", " 0", "YQ== x"])
  func filesThatAreNotRanksAreRefused(text: String) {
    #expect { try load(text) } throws: { error in
      guard case .malformedRanks? = error as? TokenizerError else { return false }
      return true
    }
  }

  static let llama4 = ProcessInfo.processInfo.environment["CODISTILL_LLAMA4_TOKENIZER"]

  /// Ids from Meta's own tokenizer; the file is licensed and stays where it is.
  @Test(.enabled(if: llama4 != nil)) func llama4IsRead() throws {
    let tokenizer = try Tokenizer(
      tiktoken: Self.llama4!, pattern: PreTokenizerPattern.o200k, specials: [])
    #expect(tokenizer.vocabularySize == 200_000)
    let golden: [(String, [Int32])] = [
      ("Hello, world!", [19873, 24, 3817, 13]),
      ("The capital of France is", [954, 7963, 323, 11698, 373]),
      ("1234567890 3.14159", [7235, 19596, 30054, 28, 220, 31, 26, 13944, 3933]),
      ("I'm don't WE'LL they'Re  'S", [23752, 5863, 39986, 19, 10962, 1451, 171083, 220, 481, 63]),
      ("日本語のテキスト。中文字符，混合", [21764, 16728, 1169, 169866, 693, 54350, 23459, 586, 58839]),
      ("CamelCaseHTTPServer XMLHttpRequest", [160473, 7508, 19117, 7317, 115915, 2843]),
      ("<|eot|> as text", [40, 104, 81, 359, 159276, 486, 2032]),
      ("...!!!???///\n\n//", [1043, 26410, 53269, 7031, 41336]),
    ]
    for (text, ids) in golden {
      #expect(try tokenizer.encode(text) == ids)
      #expect(tokenizer.decode(ids) == text)
    }
  }
}
