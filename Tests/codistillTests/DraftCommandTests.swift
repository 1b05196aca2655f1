import Foundation
import Testing

/// `draft`: a student measured as the draft of its teacher.
@Suite struct DraftCommandTests {
  private static let small = [
    "draft", "--data", "text.jsonl", "--prompt-tokens", "6", "--max-tokens", "12", "--tokens", "60",
    "--max-draft-length", "3", "--model", "model", "--teacher",
  ]

  private func figures(_ arguments: [String], in folder: URL) throws -> [String: Any] {
    let outcome = try TinyWorld.tool(arguments + ["--json"], in: folder)
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(object as? [String: Any])
  }

  @Test func aModelAsItsOwnDraft() throws {
    try TinyWorld.with { folder in
      let found = try figures(Self.small + ["model", "--output", "texts.jsonl"], in: folder)
      #expect(found["texts"] as? Int == 5 && found["tokens"] as? Int == 60)
      let sampled = try #require(found["sampled_draft"] as? [String: Any])
      #expect(sampled["acceptance"] as? Double == 1 && sampled["acceptance_stderr"] as? Double == 0)
      let rounds = try #require(sampled["rounds"] as? [[String: Any]])
      #expect(rounds.map { $0["tokens_per_round"] as? Double } == [2, 3, 4])
      #expect(rounds[2]["acceptance_by_position"] as? [Double] == [1, 1, 1])
      let speed = try #require(found["speed"] as? [String: Any])
      #expect((speed["verification_costs"] as? [Double])?.count == 3)
      #expect((speed["both_greedy"] as? [String: Any])?["verdict"] is String)
      try expectTexts(in: folder)
      try expectWords(in: folder)
      try expectRefusals(in: folder)
    }
  }

  private func expectTexts(in folder: URL) throws {
    let file = try String(contentsOf: folder.appending(path: "texts.jsonl"), encoding: .utf8)
    let lines = try file.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: [Int]] ?? [:]
    }
    #expect(lines.count == 5 && Set(lines.map { $0["prompt"] }).count == 5)
    #expect(lines.allSatisfy { $0["prompt"]?.count == 6 && $0["tokens"]?.count == 12 })
    #expect(lines.allSatisfy { $0["greedy_tokens"]?.count == 12 })
  }

  private func expectWords(in folder: URL) throws {
    let text = try TinyWorld.tool(Self.small + ["model"], in: folder)
    for words in ["sampled draft", "greedy draft", "both greedy", "of its time", "speed-up"] {
      #expect(text.output.contains(words), "\(text.output)")
    }
    #expect(text.errors.contains("in what is trained on"), "\(text.errors)")
    let greedy = try figures(Self.small + ["model", "--temperature", "0"], in: folder)
    #expect(greedy["sampled_draft"] == nil && greedy["both_greedy"] != nil)
    #expect(greedy["tokens"] as? Int == 0 && greedy["greedy_tokens"] as? Int == 60)
  }

  private func expectRefusals(in folder: URL) throws {
    let refused: [(options: [String], status: Int32, words: [String])] = [
      (["--prompt-tokens", "4000"], 65, ["no document has --prompt-tokens 4000", "115"]),
      (["--max-tokens", "40"], 64, ["made for 32 tokens", "--beyond-context"]),
      (["--overlap", "refuse"], 65, ["in what is trained on", "--overlap"]),
      (["--output", "texts.jsonl/drafted.jsonl"], 73, ["texts.jsonl/drafted.jsonl"]),
    ]
    for (options, status, words) in refused {
      let outcome = try Tool.run(Self.small + ["model"] + options, in: folder)
      #expect(outcome.status == status && outcome.output == "", "\(outcome.errors)")
      // Before it may come a note on what the model has seen.
      let last = outcome.errors.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix("codistill: error: "), "\(outcome.errors)")
      for word in words { #expect(last.contains(word), "\(outcome.errors)") }
    }
  }
}
