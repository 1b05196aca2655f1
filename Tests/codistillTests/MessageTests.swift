import Foundation
import Testing

/// An error is one readable line, whatever hostile names it holds. (case messages)
@Suite struct MessageTests {
  @Test("case messages: a name that is no text is refused, not repaired into another")
  func namesThatAreNoText() throws {
    try inFolder(["real.txt": "some text"]) { folder in
      let output = try Shell.run(#""$TOOL" doctor $'o\xff.st'"#, in: folder)
      #expect(output.status == 64 && output.errors.contains("is not UTF-8"), "\(output)")
      let data = try Shell.run(
        #"mv real.txt $'caf\xe9.txt'; "$TOOL" tokenizer train --data . --vocab-size 300 --output t"#,
        in: folder)
      #expect(data.status == 66 && data.errors.contains("rename the file"), "\(data)")
    }
  }

  /// Expects a failure of one bounded line without controls, without dumps of Foundation.
  private func expectLine(
    _ arguments: [String], status: Int32, mentions words: [String], in folder: URL,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    expectOrderlyEnd(outcome, "\(arguments)", sourceLocation: sourceLocation)
    let line = outcome.errors.dropLast().split(separator: "\n").last ?? ""
    #expect(line.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 })
    #expect(line.count < 2_000, sourceLocation: sourceLocation)
    for word in words {
      #expect(line.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
    for dump in ["NSCocoa", "Error Domain", "UserInfo", "DecodingError", "Optional("] {
      #expect(!line.contains(dump), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
  }

  private static let escape = "\u{1B}[2J\u{1B}]0;owned\u{7}\r\n"

  @Test("case messages: control characters of names, keys and values are escaped")
  func controls() throws {
    let files = [
      "keys.jsonl": #"{"\u001b[2J\u001b]0;owned\u0007": 1}"# + "\n",
      "bad.yaml": "\"\\e[2J\\a\": 1\noutput: x\n",
      "value.yaml": "model: {model_type: \"\\e[2J\\x07\"}\noutput: x\n",
    ]
    try inFolder(files) { folder in
      let train = ["tokenizer", "train", "--vocab-size", "300", "--output", "o", "--data"]
      try expectLine(train + ["keys.jsonl"], status: 65, mentions: ["\\u001b[2J"], in: folder)
      try expectLine(train + [Self.escape], status: 66, mentions: ["\\u001b[2J"], in: folder)
      try expectLine(
        ["pretrain", "bad.yaml"], status: 78, mentions: ["\\u001b[2J", "unknown key"], in: folder)
      try expectLine(["plan", "value.yaml"], status: 78, mentions: ["\\u001b"], in: folder)
      try expectLine(
        ["pretrain", "bad.yaml", "a\u{1B}b=1"], status: 78, mentions: ["\\u001b"], in: folder)
      try expectLine(["--\(Self.escape)"], status: 64, mentions: ["\\u001b"], in: folder)
    }
  }

  @Test("case messages: a key of half a megabyte is a line of bounded length")
  func longKeys() throws {
    let long = String(repeating: "k", count: 500_000)
    let many = (0..<50_000).map { "\"key\($0)\": 1" }.joined(separator: ",")
    let files = [
      "long.jsonl": "{\"\(long)\": 1}\n", "many.jsonl": "{\(many)}\n",
      "long.yaml": "? \(long)\n: 1\n",
    ]
    try inFolder(files) { folder in
      let train = ["tokenizer", "train", "--vocab-size", "300", "--output", "o", "--data"]
      for file in ["long.jsonl", "many.jsonl"] {
        try expectLine(train + [file], status: 65, mentions: ["--text-key"], in: folder)
      }
      try expectLine(["pretrain", "long.yaml"], status: 78, mentions: ["unknown key"], in: folder)
    }
  }

  @Test("case messages: damaged runs and outputs say what is wrong in words")
  func damage() throws {
    try SharedWorld.withStoppedRun { world, part in
      let state = world.appending(path: "run/checkpoints/step-000002/state.json")
      try FileManager.default.removeItem(at: state)
      try expectLine(part, status: 65, mentions: ["state.json is missing"], in: world)
      try Data("{}".utf8).write(to: state)
      try expectLine(part, status: 65, mentions: ["state.json"], in: world)
      try Data("]".utf8).write(to: world.appending(path: "cache/manifest.json"))
      try expectLine(
        ["cache", "inspect", "cache"], status: 65, mentions: ["manifest.json"], in: world)
      try Data("]".utf8).write(to: world.appending(path: "model/model/config.json"))
      try expectLine(
        ["generate", "--model", "model/model", "--prompt", "x"], status: 65,
        mentions: ["config.json"], in: world)
    }
  }

  @Test("case messages: an output that cannot be there is 73 in every command")
  func outputs() throws {
    let world = try SharedWorld.folder()
    let commands = [
      ["logits", "--model", "model", "--tokens", "1", "--output"],
      ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "260", "--output"],
      SharedWorld.build + ["--output"],
      ["cache", "export", "cache", "--format", "jsonl", "--output"],
    ]
    for command in commands {
      for place in ["/proc/none/x", "text.jsonl/x"] {
        try expectLine(command + [place], status: 73, mentions: [place], in: world)
      }
    }
    for place in ["/proc/none/x", "text.jsonl/x"] {
      try expectLine(
        ["distill", "student.yaml", "output=" + place], status: 73, mentions: [place], in: world)
    }
  }
}
