import Foundation
import Testing

@Suite struct ProfileCommandTests {
  private static let config =
    TinyTraining.sections + """
      training: {steps: 4, batch_size: 2, learning_rate: 1e-2, seed: 1}
      output: run
      """
  /// Those of a student without a live teacher.
  private static let stages = [
    "data", "embedding", "norms", "attention", "router", "experts", "feed-forward", "loss",
    "optimizer", "rest",
  ]

  /// A folder with a config, its text and its tokenizer.
  private func inRunFolder(_ body: (URL) throws -> Void) throws {
    let text = (0..<40).map { "{\"text\": \"the cat saw \($0) dogs and ran to the barn\"}" }
    let files = ["text.jsonl": text.joined(separator: "\n"), "run.yaml": Self.config]
    try inFolder(files) { folder in
      let made = try Tool.run(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"], in: folder)
      try #require(made.status == 0, "\(made.errors)")
      try body(folder)
    }
  }

  private func object(_ arguments: [String], in folder: URL) throws -> [String: Any] {
    let outcome = try Tool.run(arguments, in: folder)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(object as? [String: Any])
  }

  @Test func jsonHasTheProfileAsAKey() throws {
    try inRunFolder { folder in
      let result = try object(["pretrain", "run.yaml", "--profile", "--json"], in: folder)
      let profile = try #require(result["profile"] as? [String: Any])
      #expect(profile["steps"] as? Int == 2 && profile["skipped_steps"] as? Int == 2)
      let all = try #require(profile["stages"] as? [[String: Any]])
      #expect(all.contains { $0["stage"] as? String == "teacher" })
      let stages = all.filter { $0["stage"] as? String != "teacher" }
      #expect(stages.map { $0["stage"] as? String } == Self.stages)
      let milliseconds = try stages.map { try #require($0["milliseconds"] as? Double) }
      let directions = try stages.map {
        try #require($0["forward_milliseconds"] as? Double)
          + (try #require($0["backward_milliseconds"] as? Double))
      }
      let shares = try stages.map { try #require($0["share"] as? Double) }
      let total = try #require(profile["milliseconds"] as? Double)
      #expect(total > 0 && abs(milliseconds.reduce(0, +) - total) < 1e-9 * total)
      #expect(abs(directions.reduce(0, +) - total) < 1e-9 * total)
      #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
      #expect(milliseconds.allSatisfy { $0 > 0 })
    }
  }

  @Test func theTableIsOnStandardErrorAndOnlyWhenAskedFor() throws {
    try inRunFolder { folder in
      let asked = try Tool.run(["pretrain", "run.yaml", "--profile"], in: folder)
      let plain = try Tool.run(["pretrain", "run.yaml", "output=other"], in: folder)
      #expect(asked.status == 0 && plain.status == 0, "\(asked.errors)\(plain.errors)")
      let first = asked.errors.split(separator: "\n").map { $0.prefix { $0 != " " } }
      let table = first.drop { $0 != "stage" }.dropFirst(2)
      #expect(table.map(String.init) == Self.stages + ["step"], "\(asked.errors)")
      #expect(asked.errors.contains("mean of 2, after 2 of warm-up"))
      #expect(!asked.output.contains("warm-up") && !plain.errors.contains("warm-up"))

      let again = try Tool.run(["pretrain", "run.yaml", "--profile"], in: folder)
      #expect(again.errors.contains("no step was left to make"), "\(again.errors)")
      let json = try object(["pretrain", "run.yaml", "--json"], in: folder)
      #expect(json["profile"] == nil)
    }
  }

  @Test(arguments: ["pretrain", "distill"])
  func helpNamesTheOption(command: String) throws {
    #expect(try Tool.run([command, "--help"]).output.contains("--profile"))
  }
}
