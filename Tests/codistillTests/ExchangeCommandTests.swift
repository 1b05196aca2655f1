import Foundation
import Testing

/// `cache import` and `cache export` with the executable alone.
@Suite struct ExchangeCommandTests {
  private static let text = "the cat saw a dog and the dog ran to the old red barn by the sea "

  /// A folder with a tokenizer, and answers of a server for a text of a few tokens.
  private func inPreparedFolder(_ body: (URL) throws -> Void) throws {
    let texts = (0..<20).map { "{\"text\": \"\(Self.text)\($0)\"}" }.joined(separator: "\n")
    try inFolder(["text.jsonl": texts]) { folder in
      let made = try Tool.run(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"], in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let encoded = try Tool.run(
        ["tokenizer", "encode", "--tokenizer", "tokenizer.json"], in: folder, input: Self.text)
      let ids = encoded.output.split { !$0.isNumber }.compactMap { Int($0) }
      let rows = ids.dropFirst().map { id in
        "{\"\(id)\": {\"logprob\": -0.5, \"rank\": 1}, "
          + "\"\((id + 1) % 270)\": {\"logprob\": -1.5, \"rank\": 2}}"
      }
      let line =
        "{\"prompt_token_ids\": \(ids), \"prompt_logprobs\": [null, "
        + rows.joined(separator: ", ") + "]}\n"
      try Data((line + line).utf8).write(to: folder.appending(path: "answers.jsonl"))
      try body(folder)
    }
  }

  private let options = ["--tokenizer", "tokenizer.json", "--teacher-name", "served"]

  @Test func fromAServersAnswersToPlainFiles() throws {
    try inPreparedFolder { folder in
      let made = try Tool.run(
        ["cache", "import", "answers.jsonl", "--output", "cache", "--json"] + options, in: folder)
      #expect(made.status == 0, "\(made.errors)")
      for part in ["\"codec\":\"topk\"", "\"entries\":2", "\"teacher\":\"served\""] {
        #expect(made.output.contains(part), "\(made.output)")
      }
      #expect(try Tool.run(["cache", "verify", "cache"], in: folder).status == 0)
      let exported = try Tool.run(
        ["cache", "export", "cache", "--format", "jsonl", "--output", "out.jsonl"], in: folder)
      #expect(exported.status == 0, "\(exported.errors)")
      let lines = try String(contentsOf: folder.appending(path: "out.jsonl"), encoding: .utf8)
      #expect(lines.split(separator: "\n").count == 2)
      let tensors = try Tool.run(
        ["cache", "export", "cache", "--format", "safetensors", "--sequences", "1"]
          + ["--output", "out.safetensors", "--json"], in: folder)
      #expect(tensors.output.contains("\"sequences\":1"), "\(tensors.errors)")
    }
  }

  @Test func aDamagedImportIsToBeImportedAgain() throws {
    try inPreparedFolder { folder in
      let command = ["cache", "import", "answers.jsonl", "--output", "cache"] + options
      #expect(try Tool.run(command, in: folder).status == 0)
      let cache = folder.appending(path: "cache")
      try Data("nothing".utf8).write(to: cache.appending(path: "shard-00000.kd.zst"))
      #expect(try Tool.run(command, in: folder).status == 65)
      let found = try Tool.run(["cache", "verify", "cache"], in: folder)
      #expect(found.status == 65 && found.errors.contains("remove the folder, and import it again"))
      try FileManager.default.removeItem(at: cache)
      #expect(try Tool.run(command, in: folder).status == 0)
      #expect(try Tool.run(["cache", "verify", "cache"], in: folder).status == 0)
    }
  }

  @Test func anImportOfTheWrongThingSaysWhere() throws {
    try inPreparedFolder { folder in
      let command = ["cache", "import", "answers.jsonl", "--output", "cache"]
      let answers = folder.appending(path: "answers.jsonl")
      let good = try String(contentsOf: answers, encoding: .utf8)
      try Tool.expectFailure(
        command + ["--tokenizer", "none.json", "--teacher-name", "t"], status: 66,
        mentions: "none.json", in: folder)
      try Tool.expectFailure(
        command + options + ["--entries", "3"], status: 65, mentions: "answers.jsonl:1",
        "--entries",
        in: folder)
      try Tool.expectFailure(
        command + options + ["--vocab-size", "100"], status: 64, mentions: "270", in: folder)
      try Data((good + good.replacing("-0.5", with: "0.5")).utf8).write(to: answers)
      try Tool.expectFailure(
        command + options, status: 65, mentions: "answers.jsonl:3", "0.5", in: folder)
      try Data(good.dropLast(9).utf8).write(to: answers)
      try Tool.expectFailure(command + options, status: 65, mentions: "answers.jsonl:2", in: folder)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "cache").path))
    }
  }

  @Test func anExportThatCannotBeSaysWhy() throws {
    try inPreparedFolder { folder in
      let made = try Tool.run(
        ["cache", "import", "answers.jsonl", "--output", "cache"] + options, in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let export = ["cache", "export", "cache", "--format", "jsonl", "--output"]
      try Tool.expectFailure(
        export + ["o", "--sequences", "1..2"], status: 64, mentions: "sequence 2", in: folder)
      for span in ["2..1", "x", "-1", "1..", "..", ""] {
        try Tool.expectFailure(
          export + ["o", "--sequences=\(span)"], status: 64, mentions: "--sequences", in: folder)
      }
      try Tool.expectFailure(export + ["no/o"], status: 73, mentions: "no/o", in: folder)
      try Tool.expectFailure(export + ["cache"], status: 73, mentions: "cache", in: folder)
      try Tool.expectFailure(
        ["cache", "export", "none", "--format", "jsonl", "--output", "o"], status: 66,
        mentions: "none", in: folder)
    }
  }

  @Test func optionsThatMakeNoSenseAreRefused() throws {
    try inFolder(["teacher": "", "text.txt": "a"]) { folder in
      let build = ["cache", "build", "--teacher", "teacher", "--data", "text.txt", "--output", "c"]
      for codec in ["topk", "dense"] {
        try Tool.expectFailure(
          build + ["--codec", codec, "--draws", "2"], status: 64, mentions: "--draws", in: folder)
      }
    }
  }
}
