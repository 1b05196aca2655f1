import Foundation
import Testing

/// What the tool says of inputs that are not what they seem.
@Suite struct InputCommandTests {
  private let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n"

  @Test("case lfs-pointer: every command that reads names the pointer and its remedy")
  func pointers() throws {
    try inFolder([
      "p.jsonl": pointer, "tokenizer.json": pointer, "p.yaml": pointer, "m.gguf": pointer,
    ]) {
      folder in
      let commands: [[String]] = [
        ["tokenizer", "train", "--data", "p.jsonl", "--vocab-size", "300", "--output", "o.json"],
        ["tokenizer", "train", "--data", ".", "--vocab-size", "300", "--output", "o.json"],
        ["tokenizer", "encode", "--tokenizer", "tokenizer.json", "hi"],
        ["evaluate", "--model", "m.gguf", "--data", "p.jsonl"],
        [
          "cache", "import", "p.jsonl", "--tokenizer", "tokenizer.json", "--teacher-name", "t",
          "--output", "c",
        ],
      ]
      for command in commands {
        try Tool.expectFailure(
          command, status: 65, mentions: "a Git LFS pointer", "`git lfs pull` in ", in: folder)
      }
      try Tool.expectFailure(
        ["pretrain", "p.yaml"], status: 78, mentions: "`git lfs pull` in ", in: folder)
    }
  }

  @Test("case folder-metadata-as-text: what is passed over is named on one line")
  func descriptionsAreNamed() throws {
    let text = "{\"text\": \"A text of some words.\"}\n"
    try inFolder(["a.jsonl": text, "README.md": "# Card", "LICENSE": "All rights"]) { folder in
      let command = ["tokenizer", "train", "--vocab-size", "300", "--output", "o.json", "--data"]
      let outcome = try Tool.run(command + ["."], in: folder)
      #expect(outcome.status == 0)
      let line = outcome.errors.split(separator: "\n").first { $0.contains("passed over") }
      #expect(line?.contains("README.md") == true && line?.contains("LICENSE") == true)
    }
  }

  @Test("case raw-json-as-text: standard input is read as what it holds, or as is said")
  func standardInput() throws {
    let lines = "{\"text\": \"A text of some words.\"}\n"
    let command = ["tokenizer", "train", "--vocab-size", "260", "--data", "/dev/stdin", "--output"]
    try inFolder { folder in
      let read = try Tool.run(command + ["a.json"], in: folder, input: lines)
      #expect(read.status == 0, "\(read.errors)")
      let refused = try Tool.run(command + ["b.json"], in: folder, input: "[1, 2]")
      #expect(refused.status == 65 && refused.errors.contains("--data-format text"))
      let told = ["c.json", "--data-format", "text"]
      #expect(try Tool.run(command + told, in: folder, input: "[1, 2]").status == 0)
      #expect(try Tool.run(command + ["d.json", "--data-format", "csv"], in: folder).status == 64)
    }
  }
}
