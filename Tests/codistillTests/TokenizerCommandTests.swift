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

  @Test func aLongTextHasTheSameIdsWithAnyNumberOfThreads() throws {
    try TinyWorld.with { folder in
      let encode = ["tokenizer", "encode", "--tokenizer", "tokenizer.json"]
      let text = String(repeating: "the cat sat, on a mat; ", count: 6_000)
      // By a file, as a pipe does not hold what is said.
      func ids(_ options: [String]) throws -> Data {
        let file = folder.appending(component: "ids")
        try Data().write(to: file)
        let output = try FileHandle(forWritingTo: file)
        let outcome = try Tool.run(encode + options, in: folder, input: text, output: output)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try Data(contentsOf: file)
      }
      let one = try ids(["--threads", "1"])
      #expect(one.last == UInt8(ascii: "\n"))
      #expect(try ids(["--threads", "3"]) == one)
      let list = String(decoding: one.dropLast(), as: UTF8.self).split(separator: ",")
      let answer = try JSONSerialization.jsonObject(with: ids(["--json"])) as? [String: Any]
      #expect(answer?["ids"] as? [Int] == list.compactMap { Int($0) })
      #expect(answer?["tokens"] as? Int == list.count)
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
