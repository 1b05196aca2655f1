import Foundation
import Testing

/// `evaluation.keep: best` as the commands tell it.
///
/// So small a learning rate changes no weight: all evaluations are equal, and the first is kept.
@Suite struct KeptWeightsCommandTests {
  private static let evaluation =
    "evaluation={every: 1, keep: best, patience: 2, overlap: keep, "
    + "data: {paths: [text.jsonl], sequence_length: 16, tokens: 100}}"
  private static let still = ["training.steps=9", "training.learning_rate=1e-30"]
  private static let study = """
    base: student.yaml
    overrides: ['\(evaluation)', \(still.joined(separator: ", "))]
    arms: [{name: patient}, {name: last, changes: {evaluation: {every: 1, keep: last, patience: null}}}]
    data: {paths: [text.jsonl], tokens: 200}
    overlap: keep
    output: study
    """

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func inWorld(_ body: (URL) throws -> Void) throws {
    try inFolder { folder in
      let world = folder.appending(path: "world")
      try FileManager.default.copyItem(at: try SharedWorld.folder(), to: world)
      try Data(Self.study.utf8).write(to: world.appending(path: "study.yaml"))
      try body(world)
    }
  }

  @Test func trainingTellsTheStepThatIsKept() throws {
    try inWorld { world in
      let words = ["distill", "student.yaml", Self.evaluation] + Self.still
      let text = try TinyWorld.tool(words + ["output=kept"], in: world).output
      #expect(text.hasPrefix("3 steps, "), "\(text)")
      #expect(text.contains("\nkept: step 1, held-out NLL 5."), "\(text)")
      #expect(text.contains("; stopped early\nstudent: kept/model\n"), "\(text)")
      let run = try object(
        String(contentsOf: world.appending(path: "kept/run.json"), encoding: .utf8))
      let result = try #require(run["result"] as? [String: Any])
      for _ in 0..<2 {  // made, and as it was made
        let told = try object(
          TinyWorld.tool(words + ["output=told", "--json"], in: world).output)
        #expect(told["steps"] as? Int == 3 && told["best_step"] as? Int == 1)
        #expect(told["stopped_early"] as? Bool == true)
        #expect(told["best_nll"] as? Double == result["best_nll"] as? Double)
      }
      #expect(result["best_step"] as? Int == 1 && result["stopped_early"] as? Bool == true)
      let paused = try TinyWorld.tool(words + ["output=paused", "--stop-at", "1"], in: world).output
      #expect(paused.contains("\nbest so far: step 1, held-out NLL 5."), "\(paused)")
      let plain = try object(
        TinyWorld.tool(
          ["distill", "student.yaml", "output=plain", "--json"], in: world
        ).output)
      #expect(["best_step", "best_nll", "stopped_early"].allSatisfy { plain[$0] == nil })
    }
  }

  @Test func keysThatNeedOneAnotherAreRefused() throws {
    try inWorld { world in
      let words = ["pretrain", "model.yaml", "output=refused", Self.evaluation]
      try Tool.expectFailure(
        words + ["evaluation.every="], status: 78, mentions: "evaluation", "set every", in: world)
      try Tool.expectFailure(
        words + ["evaluation.keep=last"], status: 78, mentions: "patience", "set keep: best",
        in: world)
      try Tool.expectFailure(
        words + ["--emit-cache", "emitted"], status: 78, mentions: "emit_cache",
        "evaluation.keep: best", in: world)
      #expect(!FileManager.default.fileExists(atPath: world.path + "/refused"))
    }
  }

  @Test func aStudyTellsTheStepsThatAreKept() throws {
    try inWorld { world in
      let outcome = try TinyWorld.tool(["compare", "study.yaml"], in: world)
      let line = "weights kept by evaluation.keep: best: patient of step 1 (stopped early after 3)"
      #expect(outcome.output.contains("\n\(line)\n"), "\(outcome.output)")
      #expect(!outcome.output.contains(" *") && !outcome.output.contains("max_seconds"))
      #expect(outcome.errors.contains("which flatters 'patient'"), "\(outcome.errors)")
      let page = try String(
        contentsOf: world.appending(path: "study/report.html"), encoding: .utf8)
      #expect(page.contains("Weights kept by evaluation.keep: best: patient of step 1"))
      #expect(page.contains("which flatters"))
      let study = try object(
        String(contentsOf: world.appending(path: "study/comparison.json"), encoding: .utf8))
      let runs = try #require(study["runs"] as? [[String: Any]])
      let patient = try #require(runs.first { $0["name"] as? String == "patient" })
      #expect(patient["best_step"] as? Int == 1 && patient["stopped_early"] as? Bool == true)
      #expect(patient["steps"] as? Int == 3 && patient["is_cut_short"] as? Bool == false)
      let last = try #require(runs.first { $0["name"] as? String == "last" })
      #expect(last["best_step"] == nil && last["steps"] as? Int == 9)
    }
  }
}
