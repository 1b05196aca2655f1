import Foundation
import TestSupport
import Testing

/// `evaluate` against a teacher that runs beside the model, by groups.
@Suite struct EvaluateCommandTests {
  private static let config =
    TinyTraining.sections + """
      training: {steps: 2, batch_size: 2, learning_rate: 1e-2, seed: SEED}
      output: runs/SEED
      """

  private static var files: [String: String] {
    let lines = (0..<12).map { index in
      let text = String(repeating: "the cat saw \(index) dogs by the sea ", count: 1 + index % 2)
      let key = index % 3 == 0 ? "" : #", "language": "l\#(index % 3)""#
      return #"{"text": "\#(text)"\#(key)}"#
    }
    return [
      "text.jsonl": lines.joined(separator: "\n"),
      "1.yaml": config.replacing("SEED", with: "1"), "2.yaml": config.replacing("SEED", with: "2"),
    ]
  }

  private func expectSuccess(_ arguments: [String], in folder: URL) throws -> String {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  @Test func aLiveTeacherAndGroups() throws {
    try inFolder(Self.files) { folder in
      _ = try expectSuccess(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"], in: folder)
      for run in ["1.yaml", "2.yaml"] { _ = try expectSuccess(["pretrain", run], in: folder) }
      try expectFigures(in: folder)
      try expectSets(in: folder)
      try expectRefusals(in: folder)
    }
  }

  private let live =
    ["evaluate", "--model", "runs/1", "--data", "text.jsonl", "--teacher"]

  private func expectFigures(in folder: URL) throws {
    let arguments = live + ["runs/2", "--group-key", "language"]
    let output = try expectSuccess(arguments + ["--json"], in: folder)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    let keys = ["kl", "kl_stderr", "kl_median", "kl_95", "kl_99", "kl_999"]
    let figures = keys.compactMap { object[$0] as? Double }
    #expect(figures.count == keys.count && figures[2...] == figures[2...].sorted()[...])
    for key in ["top1_agreement", "acceptance", "greedy_draft_acceptance"] {
      #expect(object[key] is Double && object[key + "_stderr"] is Double, "\(key)")
    }
    let groups = try #require(object["groups"] as? [[String: Any]])
    #expect(groups.map { $0["name"] as? String } == ["l1", "l2", "other"])
    #expect(groups.allSatisfy { $0["kl"] is Double && $0["top1_agreement"] is Double })
    let tokens = groups.reduce(0) { $0 + ($1["tokens"] as? Int ?? 0) }
    #expect(tokens == object["tokens"] as? Int)
    let text = try expectSuccess(arguments, in: folder)
    #expect(object["documents"] as? Int == 12 && object["nll_stderr"] is Double)
    #expect(text.contains("±: the standard error over documents"))
    let one = try expectSuccess(arguments + ["--tokens", "5", "--json"], in: folder)
    #expect(one.contains("\"documents\":1") && !one.contains("stderr"), "\(one)")
    let words = try expectSuccess(arguments + ["--tokens", "5"], in: folder)
    #expect(words.contains("one document tells no standard error") && !words.contains("±"))
    for words in [
      "KL, median", "KL, 99.9 % below", "sampled draft", "greedy draft", "group", "other",
    ] {
      #expect(text.contains(words), "\(text)")
    }
  }

  /// Named texts have the figures that each has alone.
  private func expectSets(in folder: URL) throws {
    let lines = try String(contentsOf: folder.appending(path: "text.jsonl"), encoding: .utf8)
      .split(separator: "\n")
    try Data(lines.prefix(4).joined(separator: "\n").utf8).write(
      to: folder.appending(path: "few.jsonl"))
    let model = ["evaluate", "--model", "runs/1", "--teacher", "runs/2", "--group-key", "language"]
    let sets = model + ["--set", "all=text.jsonl", "--set", "few=few.jsonl"]
    let found = try #require(
      try JSONSerialization.jsonObject(
        with: Data(try expectSuccess(sets + ["--json"], in: folder).utf8)) as? [String: Any])
    let both = try #require(found["sets"] as? [[String: Any]])
    #expect(both.map { $0["set"] as? String } == ["all", "few"])
    for (set, path) in zip(both, ["text.jsonl", "few.jsonl"]) {
      let alone = try JSONSerialization.jsonObject(
        with: Data(try expectSuccess(model + ["--data", path, "--json"], in: folder).utf8))
      var figures = set
      figures["set"] = nil
      #expect(NSDictionary(dictionary: figures) == alone as? NSDictionary)
      #expect(figures["teacher_nll"] is Double)
      let groups = try #require(figures["groups"] as? [[String: Any]])
      #expect(groups.allSatisfy { $0["teacher_nll"] is Double })
    }
    let text = try expectSuccess(sets, in: folder)
    #expect(text.hasPrefix("on all:\n") && text.contains("\n\non few:\n"), "\(text)")
    #expect(text.contains("the teacher's own NLL"), "\(text)")
    for (change, word) in [
      (["--set", "all=few.jsonl"], "two sets are named 'all'"), (["--data", "few.jsonl"], "--set"),
      (["--set", "few.jsonl"], "few.jsonl"), (["--set", "=few.jsonl"], "=few.jsonl"),
    ] {
      try Tool.expectFailure(sets + change, status: 64, mentions: word, in: folder)
    }
    try Tool.expectFailure(
      model + ["--set", "a=none.jsonl"], status: 66, mentions: "none.jsonl", "--set", in: folder)
  }

  private func expectRefusals(in folder: URL) throws {
    let other = Fixtures.url("golden/llama_tied").path
    try Tool.expectFailure(live + [other], status: 65, mentions: "270", "120", in: folder)
    try Tool.expectFailure(live + ["runs/3"], status: 66, mentions: "runs/3", in: folder)
    let cached = ["evaluate", "--model", "runs/1", "--cache", "cache"]
    for option in ["--teacher", "--group-key"] {
      let outcome = try Tool.run(cached + [option, "runs/2"], in: folder)
      #expect(outcome.status == 64 && outcome.errors.contains("--data"), "\(outcome.errors)")
    }
  }
}
