import Foundation
import Testing

@Suite struct PlanCommandTests {
  private static let config =
    TinyTraining.sections + """
      training: {steps: 4, batch_size: 2, gradient_accumulation_steps: 3, learning_rate: 1e-2}
      output: run
      """

  /// A folder with a trained teacher, its config, text and tokenizer.
  private func withTeacher(_ body: (URL) throws -> Void) throws {
    let text = (0..<60).map { "{\"text\": \"the cat saw \($0) dogs and ran to the barn\"}" }
    try inFolder(["text.jsonl": text.joined(separator: "\n"), "run.yaml": Self.config]) { folder in
      let commands = [
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"],
        ["pretrain", "run.yaml"],
      ]
      for command in commands {
        let made = try Tool.run(command, in: folder)
        try #require(made.status == 0, "\(made.errors)")
      }
      try body(folder)
    }
  }

  private func object(_ arguments: [String], in folder: URL) throws -> [String: Any] {
    let outcome = try Tool.run(arguments + ["--json"], in: folder)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(object as? [String: Any])
  }

  private static let capture = [
    "--teacher", "run", "--data", "text.jsonl", "--sequence-length", "16",
  ]

  @Test func aRunIsCountedAndTimed() throws {
    try withTeacher { folder in
      let plan = try object(["plan", "run.yaml", "training.steps=7"], in: folder)
      // 270 × 16 twice, two layers of attention, one of them dense (16) and one with 2 + 1 experts.
      let attention = 16 * 8 * (2 + 2 + 1 + 1) + 2 * 16
      let parameters = 2 * 270 * 16 + 2 * attention + 3 * 16 * 16 + 9 * 16 * 8 + 2 * 16 + 16
      #expect(plan["parameters"] as? Int == parameters)
      #expect(plan["active_parameters"] as? Int == parameters - 3 * 16 * 8)
      #expect(try #require(plan["peak_rss_bytes"] as? Int) > 16 * parameters)
      #expect(plan["cache_bytes"] == nil && plan["capture"] == nil)
      let training = try #require(plan["training"] as? [String: Any])
      #expect(training["tokens"] as? Int == 7 * 2 * 3 * 16)
      #expect(training["source"] as? String == "measured")
      #expect(try #require(training["hours"] as? Double) > 0)
    }
  }

  @Test func aCaptureIsPredicted() throws {
    try withTeacher { folder in
      let plan = try object(["plan", "run.yaml", "--tau", "0.1"] + Self.capture, in: folder)
      let built = try object(
        ["cache", "build", "--output", "cache", "--tau", "0.1"] + Self.capture, in: folder)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "cache").path)
      let real = try names.reduce(0) {
        try $0 + Data(contentsOf: folder.appending(path: "cache/\($1)")).count
      }
      let predicted = try #require(plan["cache_bytes"] as? Int)
      #expect(abs(predicted - real) <= 16)
      let capture = try #require(plan["capture"] as? [String: Any])
      #expect(capture["tokens"] as? Int == built["tokens"] as? Int)
      #expect(capture["sequences"] as? Int == built["sequences"] as? Int)
      #expect(capture["hours"] is Double && capture["live_slowdown"] is Double)
      let sizes = try #require(capture["sizes"] as? [[String: Any]])
      #expect(sizes.first?["cache_bytes"] as? Int == predicted)
      let settings = sizes.filter { $0["codec"] as? String == "threshold" }
        .compactMap { $0["setting"] as? Double }
      #expect(settings == [0.1, 0.05, 0.03, 0.02, 0.01])
      #expect(Set(sizes.compactMap { $0["codec"] as? String }).count == 4)
      let text = try Tool.run(["plan"] + Self.capture, in: folder)
      #expect(text.status == 0 && text.output.contains("* threshold τ = 0.04"))
    }
  }

  @Test func aDistillationInEpochsIsCountedByItsPlannedCache() throws {
    try withTeacher { folder in
      let config = TinyTraining.distillation(to: "student").replacing("steps: 2", with: "epochs: 2")
      try Data(config.utf8).write(to: folder.appending(path: "distill.yaml"))
      let plan = try object(["plan", "distill.yaml"] + Self.capture, in: folder)
      let capture = try #require(plan["capture"] as? [String: Any])
      let training = try #require(plan["training"] as? [String: Any])
      let sequences = try #require(capture["sequences"] as? Int)
      let steps = sequences  // Two passes, two sequences a step.
      #expect(training["steps"] as? Int == steps && training["tokens"] as? Int == steps * 2 * 16)
      let payoff = try #require(plan["payoff"] as? [String: Any])
      let passes = Double(steps * 2 * 16) / Double(try #require(capture["tokens"] as? Int))
      #expect(payoff["passes"] as? Double == passes && payoff["is_near"] as? Bool == false)
      let shares = try (
        #require(payoff["caching_share"] as? Double),
        #require(payoff["caching_share_of_eight"] as? Double)
      )
      #expect(0 < shares.1 && shares.1 < shares.0 && shares.0 < 1)
      let text = try Tool.run(["plan", "distill.yaml"] + Self.capture, in: folder)
      #expect(text.status == 0 && text.output.contains("than hard labels"))
      // Alone, the cache has to be there to be counted.
      let alone = try Tool.run(["plan", "distill.yaml"], in: folder)
      let last = alone.errors.split(separator: "\n").last ?? ""
      #expect(alone.status == 66 && last.contains("cache"), "\(alone.errors)")
    }
  }

  @Test func aBudgetFindsTheSameThresholdEveryTime() throws {
    try withTeacher { folder in
      let build = ["cache", "build", "--entries-per-token", "4.5"] + Self.capture
      let outcome = try Tool.run(build + ["--output", "first", "--json"], in: folder)
      #expect(outcome.status == 0 && outcome.errors.contains("τ = "), "\(outcome.errors)")
      let again = try object(build + ["--output", "second", "--threads", "1"], in: folder)
      let resumed = try object(build + ["--output", "first"], in: folder)
      let threshold = try #require(again["threshold"] as? Double)
      #expect(threshold > 0.0001 && threshold < 1)
      #expect(resumed["threshold"] as? Double == threshold)
      let manifests = try ["first", "second"].map {
        try Data(contentsOf: folder.appending(path: $0 + "/manifest.json"))
      }
      #expect(manifests[0] == manifests[1])
      let manifest = try JSONSerialization.jsonObject(with: manifests[0]) as? [String: Any]
      let parts = try #require(manifest?["parts"] as? [[String: Any]])
      let capture = try #require(parts.first?["capture"] as? [String: Any])
      #expect(capture["budget"] as? [String: Double] == ["entries_per_token": 4.5])
      let planned = try object(["plan", "--entries-per-token", "4.5"] + Self.capture, in: folder)
      let sizes = try #require(
        (planned["capture"] as? [String: Any])?["sizes"] as? [[String: Any]])
      #expect(sizes.first?["setting"] as? Double == threshold)
    }
  }

  @Test func aBudgetThatNoThresholdKeepsToDoesNotFit() throws {
    try withTeacher { folder in
      let outcome = try Tool.run(
        ["cache", "build", "--output", "c", "--bytes-per-token", "0.1"] + Self.capture, in: folder)
      #expect(outcome.status == 69)
      let last = outcome.errors.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix("codistill: error: --bytes-per-token 0.1") && last.contains("ask for"))
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "c").path))
    }
  }

  @Test func whatNoConfigDescribesIsExitCode78() throws {
    let files = [
      "no-model.yaml": "output: x\n",
      "huge.yaml": """
      model: {model_type: llama, vocab_size: 100, hidden_size: 1048576,
              intermediate_size: 16777216, num_hidden_layers: 10000, num_attention_heads: 8}
      """,
      "vision.json": """
      {"model_type": "llama", "vocab_size": 100, "hidden_size": 8, "intermediate_size": 8,
       "num_hidden_layers": 1, "num_attention_heads": 1, "vision_config": {"patch_size": 13}}
      """,
    ]
    try inFolder(files) { folder in
      try Tool.expectFailure(["plan", "no-model.yaml"], status: 78, mentions: "model", in: folder)
      try Tool.expectFailure(["plan", "huge.yaml"], status: 78, mentions: "2^53", in: folder)
      try Tool.expectFailure(["plan", "vision.json"], status: 78, mentions: "448", in: folder)
    }
  }
}
