import Foundation
import Testing

/// Whole comparisons, with the executable alone.
@Suite struct CompareCommandTests {
  private static let words = "the cat saw a dog and the dog ran to the old red barn by the sea "
  private static let student = TinyTraining.distillation(steps: 3, to: "unused")
  private static let comparison = """
    base: student.yaml
    arms:
      - {name: plain, changes: {loss: {soft: {value: 0}}}}
      - {name: soft}
    seeds: [1, 2]
    teacher: runs/teacher
    data: {paths: [text.jsonl], group_key: language, tokens: 200}
    overlap: keep
    prompts: ["the cat"]
    output: study
    """

  private static var files: [String: String] {
    let text = (0..<24).map { index in
      let text = String(repeating: words, count: 1 + index % 3) + "\(index)"
      return "{\"text\": \"\(text)\", \"language\": \"\(index % 2 == 0 ? "en" : "eo")\"}"
    }
    return [
      "text.jsonl": text.joined(separator: "\n"), "student.yaml": student, "c.yaml": comparison,
      "teacher.yaml": TinyTraining.sections
        + "training: {steps: 3, batch_size: 2, learning_rate: 1e-2}\noutput: runs/teacher\n",
    ]
  }

  /// A folder with a tokenizer, a teacher, its cache, and a comparison.
  private func inStudy(_ body: (URL) throws -> Void) throws {
    try inFolder(Self.files) { folder in
      _ = try TinyWorld.tool(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"], in: folder)
      _ = try TinyWorld.tool(["pretrain", "teacher.yaml"], in: folder)
      _ = try TinyWorld.tool(
        ["cache", "build", "--teacher", "runs/teacher", "--data", "text.jsonl"]
          + ["--output", "cache", "--sequence-length", "16"], in: folder)
      try body(folder)
    }
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func aStudyIsTrainedInProcessesRankedAndWritten() throws {
    try inStudy { folder in
      let outcome = try TinyWorld.tool(["compare", "c.yaml", "--jobs", "2", "--json"], in: folder)
      #expect(outcome.errors.contains("\n4 runs × 3 steps; about "), "\(outcome.errors)")
      #expect(outcome.errors.hasPrefix("evaluation: "), "case held-out-leak: it is said")
      let result = try object(outcome.output)
      try expectKeys(result)
      try expectFiles(in: folder.appending(path: "study"), result: outcome.output)
      try expectSameInOneProcess(in: folder)
      // Nothing is left: neither steps nor measurements, nor an estimate that could be too long.
      let again = try TinyWorld.tool(
        ["compare", "c.yaml", "--json", "--max-seconds", "0.001"], in: folder)
      #expect(!again.errors.contains("steps") && again.output == outcome.output)
      try expectChangedFiguresAreMeasuredAgain(in: folder, result: outcome.output)
      try expectRefusals(in: folder)
      try expectNoErrorsOfOneDocument(in: folder)
    }
  }

  /// Figures that were changed on the disk win no study, and numbers there trap nothing.
  private func expectChangedFiguresAreMeasuredAgain(in folder: URL, result: String) throws {
    func change(_ name: String, _ pattern: Regex<Substring>, to text: String) throws {
      let file = folder.appending(path: "study/soft/seed-1/\(name)")
      let old = try String(contentsOf: file, encoding: .utf8)
      let new = old.replacing(pattern, with: text)
      #expect(old != new, "\(old)")
      try Data(new.utf8).write(to: file)
    }
    let compare = ["compare", "c.yaml", "--json"]
    try change("measured.json", #/"nll":[0-9]\.[0-9]/#, to: "\"nll\":1.2")
    #expect(try TinyWorld.tool(compare, in: folder).output == result)
    let metrics = folder.appending(path: "study/soft/seed-1/metrics.jsonl")
    let sound = try Data(contentsOf: metrics)
    for seconds in ["1e300", "-1e300"] {
      try change("metrics.jsonl", #/"seconds":[0-9.e-]+/#, to: "\"seconds\":\(seconds)")
      #expect(try TinyWorld.tool(compare, in: folder).status == 0)
      try sound.write(to: metrics)
    }
    let events = folder.appending(path: "study/soft/seed-1/events.out.tfevents.mine")
    try FileManager.default.createDirectory(at: events, withIntermediateDirectories: true)
    try TinyWorld.tool(compare, in: folder)
    #expect(FileManager.default.fileExists(atPath: events.path))
  }

  /// Case one-document: neither a p nor a standard error, and a word about why.
  private func expectNoErrorsOfOneDocument(in folder: URL) throws {
    let outcome = try TinyWorld.tool(["compare", "c.yaml", "tokens=5", "--json"], in: folder)
    let result = try object(outcome.output)
    #expect((result["sentence"] as? String)?.hasPrefix("one held-out document gives no p") == true)
    let arms = try #require(result["arms"] as? [[String: Any]])
    #expect(arms.allSatisfy { $0["kl"] is NSNumber && $0["kl_stderr"] == nil })
    let text = try TinyWorld.tool(["compare", "c.yaml", "tokens=5"], in: folder).output
    #expect(text.contains("one held-out document gives no p for "), "\(text)")
    let page = try String(contentsOf: folder.appending(path: "study/report.html"), encoding: .utf8)
    #expect(page.contains("no p: one document") && page.contains("is one document"))
    #expect(!page.contains("cannot be told apart"))
  }

  private func expectKeys(_ result: [String: Any]) throws {
    let runs = try #require(result["runs"] as? [[String: Any]])
    #expect(
      runs.map { $0["name"] as? String } == [
        "plain/seed-1", "soft/seed-1", "plain/seed-2", "soft/seed-2",
      ])
    for key in [
      "steps", "tokens", "seconds", "nll", "perplexity", "kl", "kl_stderr", "kl_median", "kl_95",
      "kl_99", "kl_999", "top1_agreement", "top1_agreement_stderr", "ece", "acceptance",
      "greedy_draft_acceptance", "evaluated_tokens", "seed", "documents", "nll_stderr",
    ] { #expect(runs.allSatisfy { $0[key] is NSNumber }, "\(key)") }
    #expect(runs.allSatisfy { $0["evaluated_tokens"] as? Int == 200 && $0["steps"] as? Int == 3 })
    #expect(runs.allSatisfy { ($0["sample"] as? String)?.hasPrefix("the cat") == true })
    let ranking = try #require(result["ranking"] as? [String])
    #expect(Set(ranking) == ["plain", "soft"])
    let arms = try #require(result["arms"] as? [[String: Any]])
    #expect(arms.map { $0["name"] as? String } == ranking)
    #expect(arms.allSatisfy { $0["nll_half_width"] is NSNumber && $0["groups"] is [Any] })
    for key in ["nll_stderr", "kl_stderr", "top1_agreement_stderr"] {
      #expect(arms.allSatisfy { $0[key] is NSNumber }, "\(key)")
    }
    let losses = arms.compactMap { $0["nll"] as? Double }
    #expect(losses.count == 2 && losses == losses.sorted())
    let pair = try #require((result["pairs"] as? [[String: Any]])?.first)
    #expect(pair["half_width"] is NSNumber && pair["holm_p"] is NSNumber)
    #expect((result["sentence"] as? String)?.contains("2 seeds") == true)
    #expect((result["gain"] as? [String: Any])?["baseline"] as? String == "plain")
    #expect((result["stopped"] as? [Any])?.isEmpty == true)
    #expect((result["halving"] as? [String: Any])?["is_on"] as? Bool == false)
    #expect(result["teacher_nll"] is NSNumber)
    // Case held-out-leak: the report says it, too.
    #expect((result["text_notes"] as? [String])?.first?.contains("in what is trained on") == true)
  }

  private func expectFiles(in folder: URL, result: String) throws {
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    #expect(try text("comparison.json") == result)
    let runs = try text("runs.csv").components(separatedBy: "\r\n")
    #expect(runs.count == 6 && runs[0].hasPrefix("name,arm,seed,") && runs[5] == "")
    #expect(runs[1].hasPrefix("plain/seed-1,plain,1,,3,"))
    #expect(try text("arms.csv").components(separatedBy: "\r\n").count == 4)
    let page = try text("report.html")
    for word in [
      "plain", "in what is trained on", "runs/teacher, SHA-256 ",
      "cache, codec threshold, data SHA-256 ", "1, 2",
    ] {
      #expect(page.contains(word), "\(word)")
    }
    #expect(try text("ranking.svg").hasPrefix("<svg") && text("positions.svg").contains("soft"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
    #expect(!names.contains("held-out.svg"), "nothing was logged for it")
    let run = try FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: "soft/seed-2").path())
    #expect(run.contains("measured.json") && run.contains { $0.hasPrefix("events.out.tfevents.") })
    #expect(!run.contains(".config.yaml"))
  }

  private func expectSameInOneProcess(in folder: URL) throws {
    _ = try TinyWorld.tool(["compare", "c.yaml", "output=alone"], in: folder)
    for run in ["plain/seed-1", "soft/seed-2"] {
      let files = try ["study", "alone"].map { output in
        try Data(contentsOf: folder.appending(path: "\(output)/\(run)/model/model.safetensors"))
      }
      #expect(files[0] == files[1], "\(run)")
    }
  }

  private func expectRefusals(in folder: URL) throws {
    let long = try Tool.run(
      ["compare", "c.yaml", "output=other", "--max-seconds", "0.001"], in: folder)
    #expect(long.status == 69 && long.output == "")
    #expect(long.errors.contains("more than max_seconds allows"))
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "other").path()))
    try Tool.expectFailure(
      ["compare", "c.yaml", "arms=[{name: soft, changes: {training: {steps: 4}}}]"], status: 78,
      mentions: "soft/seed-1", "steps: 3", "remove that folder", in: folder)
  }

  /// An arm whose runs diverge ranks last; the others come to their end, and it is not tried again.
  @Test(arguments: ["1", "2"])
  func anArmThatDivergesRanksLast(jobs: String) throws {
    try inStudy { folder in
      let changes =
        "arms=[{name: wild, changes: {training: {learning_rate: 1e30}}}, {name: tame}]"
      let arguments = ["compare", "c.yaml", changes, "--jobs", jobs, "output=-wild", "--json"]
      let outcome = try TinyWorld.tool(arguments, in: folder)
      #expect(outcome.errors.contains("wild/seed-1: training diverged after step "))
      let result = try object(outcome.output)
      #expect(result["ranking"] as? [String] == ["tame", "wild"])
      #expect((result["sentence"] as? String)?.contains("wild diverged (seeds 1, 2)") == true)
      let diverged = try #require(result["diverged"] as? [[String: Any]])
      #expect(diverged.map { $0["name"] as? String } == ["wild/seed-1", "wild/seed-2"])
      #expect((result["runs"] as? [[String: Any]])?.count == 2)
      let page = try String(
        contentsOf: folder.appending(path: "-wild/report.html"), encoding: .utf8)
      #expect(page.contains("Diverged, and not measured: wild/seed-1"))
      let table = try String(contentsOf: folder.appending(path: "-wild/runs.csv"), encoding: .utf8)
      let rows = table.components(separatedBy: "\r\n").dropLast()
      #expect(rows.count == 5 && rows[3].hasPrefix("wild/seed-1,wild,1,,"))
      let widths = rows.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }
      #expect(Set(widths).count == 1)
      let again = try TinyWorld.tool(arguments, in: folder)
      #expect(!again.errors.contains("steps") && again.output == outcome.output)
    }
  }

  @Test(arguments: [["--jobs", "0"], ["--max-seconds", "0"], ["--max-seconds", "nan"]])
  func optionsOutsideTheirRangeAreUsageErrors(arguments: [String]) throws {
    try Tool.expectFailure(["compare", "c.yaml"] + arguments, status: 64, mentions: arguments[0])
  }
}
