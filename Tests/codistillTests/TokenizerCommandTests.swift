import Foundation
import Testing

@Suite struct TokenizerCommandTests {
  @Test func aFileThatIsNoTokenizerIsExitCode65() throws {
    try inFolder(["t.json": "{", "u.json": "{}"]) { folder in
      for file in ["t.json", "u.json"] {
        try Tool.expectFailure(
          ["tokenizer", "encode", "--tokenizer", file, "text"], status: 65, mentions: file,
          in: folder)
      }
    }
  }

  @Test func aFolderWithoutATokenizerIsExitCode66() throws {
    try inFolder { folder in
      try Tool.expectFailure(
        ["tokenizer", "decode", "--tokenizer", ".", "--ids", "1"], status: 66,
        mentions: "tokenizer.json", in: folder)
    }
  }
}
