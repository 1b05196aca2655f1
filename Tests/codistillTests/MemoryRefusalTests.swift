import Foundation
import Testing

/// What does not fit into the memory is refused beforehand, with exit code 69 and the bytes.
/// (case out-of-memory-trap)
@Suite struct MemoryRefusalTests {
  /// The kilobytes of addresses that the program takes at rest.
  private static let atRest: Int = {
    let limit = 4_000_000
    let report = try? Shell.run("ulimit -v \(limit); exec \"$TOOL\" doctor --json")
    let free = report?.output.firstMatch(of: #/"addresses":([0-9]+)/#).flatMap { Int($0.output.1) }
    return limit - (free ?? 0) / 1024
  }()

  /// Expects a command to be refused where so many kilobytes are free, with nothing written.
  private func expectRefusal(
    _ command: String, kilobytes: Int? = nil, mentions words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try inFolder { folder in
      let limit = kilobytes.map { "ulimit -v \(Self.atRest + $0); " } ?? ""
      let outcome = try Shell.run(
        "\(limit)exec \"$TOOL\" \(command)", in: try SharedWorld.folder(),
        environment: ["OUT": folder.appending(path: "out").path])
      #expect(outcome.status == 69, "\(outcome)", sourceLocation: sourceLocation)
      for word in ["of memory, and there are"] + words {
        #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
      }
      expectOrderlyEnd(outcome, command, sourceLocation: sourceLocation)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path) == [],
        sourceLocation: sourceLocation)
    }
  }

  private static let huge = "model.hidden_size=65536 model.num_hidden_layers=1000"

  @Test("case out-of-memory-trap: a training is asked for its memory first")
  func trainings() throws {
    let large = [
      "training.batch_size=1000000 training.gradient_accumulation_steps=1000", Self.huge,
      "model.intermediate_size=16777216 model.num_hidden_layers=500",
    ]
    for change in large {
      try expectRefusal("distill student.yaml output=$OUT \(change)", mentions: ["this training"])
    }
    let plan = try Tool.run(
      ["plan", "student.yaml"] + Self.huge.split(separator: " ").map(String.init),
      in: try SharedWorld.folder())
    #expect(plan.status == 69 && plan.output.contains("but there are only"))
  }

  @Test("case out-of-memory-trap: measuring a study is asked for its memory before the training")
  func measuringAStudy() throws {
    let student =
      TinyTraining.sections
      + "training: {steps: 2, batch_size: 2, learning_rate: 1e-2}\noutput: unused\n"
    let study = """
      base: student.yaml
      arms: [{name: one}]
      data: {paths: [text.jsonl], sequence_length: 16}
      overlap: keep
      teacher: large
      output: study
      """
    try TinyWorld.with(["student.yaml": student, "study.yaml": study]) { folder in
      let large = [
        "hidden_size=512", "intermediate_size=1024", "intermediate_size_mlp=2048",
        "num_hidden_layers=4", "num_attention_heads=8", "num_key_value_heads=8",
      ].map { "model." + $0 }
      try TinyWorld.tool(
        ["pretrain", "model.yaml", "output=large", "training.steps=1", "training.batch_size=1"]
          + large, in: folder)
      let outcome = try Shell.run(
        "ulimit -v \(Self.atRest + 130_000); exec \"$TOOL\" compare study.yaml", in: folder)
      #expect(outcome.status == 69, "\(outcome)")
      #expect(outcome.errors.contains("measuring the largest student"), "\(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "study/one").path))
    }
  }

  @Test("case out-of-memory-trap: so are generation, logits, evaluation and capture")
  func models() throws {
    try expectRefusal(
      "generate --model model --prompt river --max-tokens 16777216 --beyond-context",
      kilobytes: 1_500_000, mentions: ["keys and values of 167772"])
    let tokens = Array(repeating: "1", count: 50_000).joined(separator: ",")
    try expectRefusal(
      "logits --model model --beyond-context --output $OUT --tokens \(tokens)",
      kilobytes: 50_000, mentions: ["50000 tokens' logits"])
  }

  @Test("case out-of-memory-trap: what one sequence of a long text would take is counted")
  func longTexts() throws {
    try inFolder { folder in
      let long = folder.appending(path: "long.txt")
      let words = (0..<40_000).map { "river lamp \($0 % 997)" }.joined(separator: " ")
      try Data(words.utf8).write(to: long)
      let data = "--data \(Shell.quote(long.path)) --beyond-context"
      try expectRefusal(
        "evaluate --model model \(data) --window 100000", kilobytes: 100_000,
        mentions: ["windows of 100000 tokens"])
      try expectRefusal(
        "cache build --teacher model \(data) --sequence-length 100000 --output $OUT",
        kilobytes: 100_000, mentions: ["this capture"])
    }
  }
}
