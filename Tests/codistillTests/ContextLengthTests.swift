import Foundation
import Testing

/// case context-length: no model reads more tokens at once than it was made for without a word.
@Suite struct ContextLengthTests {
  /// The world's model is made for 32 tokens, its texts are longer.
  private static let student =
    TinyTraining.sections.replacing("sequence_length: 16", with: "sequence_length: LENGTH")
      + """
      training: {steps: 2, batch_size: 2, learning_rate: 1e-2}
      output: student

      """
  private static let long = TinyWorld.lines(
    TinyWorld.texts.prefix(6).map { Array(repeating: $0, count: 3).joined(separator: " ") })

  private func inWorld(_ body: (URL) throws -> Void) throws {
    try TinyWorld.with(
      [
        "long.jsonl": Self.long, "short.jsonl": TinyWorld.lines(["a river", "a hill", "a song"]),
        "long.yaml": Self.student.replacing("LENGTH", with: "64"),
        "32.yaml": Self.student.replacing("LENGTH", with: "32"),
        "live.yaml": Self.student.replacing("LENGTH", with: "64").replacing(
          "max_position_embeddings: 32", with: "max_position_embeddings: 64")
          + "teacher: model\nloss: {soft: {value: 0.9}}\n",
        "compare.yaml": """
        base: 32.yaml
        arms: [{name: one}]
        data: {paths: [long.jsonl], sequence_length: 64}
        overlap: keep
        output: study
        """,
      ], body)
  }

  /// Expects one line about both lengths, and a way out, below what may be said of the data.
  private func expectRefusal(
    _ arguments: [String], _ status: Int32, _ remedy: String, in folder: URL
  ) throws {
    let outcome = try Tool.run(arguments, in: folder)
    let error = try #require(outcome.errors.split(separator: "\n").last)
    #expect(outcome.status == status && outcome.output == "", "\(arguments): \(outcome)")
    #expect(error.hasPrefix("codistill: error: ") && error.contains(remedy), "\(error)")
    #expect(error.contains("was made for 32 tokens"), "\(error)")
  }

  @Test("case context-length: longer windows are refused with both lengths and a way out")
  func longerWindowsAreRefused() throws {
    try inWorld { folder in
      let cache = ["cache", "build", "--teacher", "model", "--data", "long.jsonl", "--output", "c"]
      let options = [
        cache + ["--sequence-length", "64"],
        ["plan", "--teacher", "model", "--data", "long.jsonl", "--sequence-length", "64"],
        ["evaluate", "--model", "model", "--data", "long.jsonl", "--window", "64"],
        ["generate", "--model", "model", "--prompt", "a river", "--max-tokens", "64"],
        ["logits", "--model", "model", "--output", "l.safetensors", "--tokens"]
          + [Array(repeating: "1", count: 64).joined(separator: ",")],
      ]
      for arguments in options {
        try expectRefusal(arguments, 64, "--beyond-context", in: folder)
        let allowed = try TinyWorld.tool(arguments + ["--beyond-context"], in: folder)
        #expect(allowed.errors.contains("was made for 32 tokens"), "\(arguments)")
      }
      for (arguments, key) in [
        (["pretrain", "long.yaml"], "training.beyond_context"),
        (["distill", "live.yaml"], "training.beyond_context"),
        (["compare", "compare.yaml"], "beyond_context"),
      ] {
        try expectRefusal(arguments, 78, key, in: folder)
        try TinyWorld.tool(arguments + ["\(key)=true", "output=\(arguments[1])-run"], in: folder)
      }
    }
  }

  @Test("case context-length: what goes beyond is recorded")
  func itIsRecorded() throws {
    try inWorld { folder in
      try TinyWorld.tool(
        ["cache", "build", "--teacher", "model", "--data", "long.jsonl", "--output", "c"]
          + ["--sequence-length", "64", "--beyond-context"], in: folder)
      let cache = try TinyWorld.tool(["cache", "inspect", "c", "--json"], in: folder)
      #expect(cache.output.contains("\"teacher_context\":32"), "\(cache.output)")
      let measured = try TinyWorld.tool(
        ["evaluate", "--model", "model", "--data", "long.jsonl", "--window", "64", "--json"]
          + ["--beyond-context"], in: folder)
      #expect(measured.output.contains("\"context\":32"), "\(measured.output)")
      try TinyWorld.tool(["pretrain", "long.yaml", "training.beyond_context=true"], in: folder)
      let config = try String(
        contentsOf: folder.appending(path: "student/config.resolved.yaml"), encoding: .utf8)
      #expect(config.contains("beyond_context: true"))
    }
  }

  @Test("case context-length: short documents in long sequences are within it")
  func shortDocumentsPass() throws {
    try inWorld { folder in
      let outcome = try TinyWorld.tool(
        ["cache", "build", "--teacher", "model", "--data", "short.jsonl", "--output", "c"]
          + ["--sequence-length", "64"], in: folder)
      #expect(!outcome.errors.contains("was made for"))
      // Left to itself, generation ends where the context does.
      let text = try TinyWorld.tool(
        ["generate", "--model", "model", "--prompt", "a river", "--json"], in: folder)
      #expect(!text.errors.contains("was made for"))
    }
  }
}
