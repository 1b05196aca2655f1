import Foundation
import Testing

@Suite struct TokenizerCommandTests {
  @Test func promptsAreLearnedFromToo() throws {
    let lines = (0..<40).map { _ in #"{"prompt": "zyxwvut qponmlk", "completion": "yes"}"# }
    try inFolder(["pairs.jsonl": lines.joined(separator: "\n")]) { folder in
      try TinyWorld.tool(
        ["tokenizer", "train", "--data", "pairs.jsonl", "--vocab-size", "270", "--output"]
          + ["t.json"], in: folder)
      let encoded = try TinyWorld.tool(
        ["tokenizer", "encode", "--tokenizer", "t.json", "zyxwvut"], in: folder)
      let ids = encoded.output.split { !$0.isNumber }
      #expect(ids.count < 5, "seven letters of its own are merged: \(encoded.output)")
    }
  }

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
