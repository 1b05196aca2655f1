import Foundation
import Models
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

/// What becomes of runs whose weights are no numbers, and of steps in which nothing counts.
@Suite struct DivergenceTests {
  @Test(
    "case nan-model-exit-0: weights that overflow in an update are neither saved nor measured",
    arguments: [1, 9], ["1e38", "1e30"])
  func aModelThatIsNoNumberIsNotSaved(steps: Int, rate: String) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let changes = [
        "training.steps=\(steps)", "training.learning_rate=\(rate)", "training.warmup_steps=0",
        "training.save_steps=1", "evaluation.every=1",
      ]
      #expect {
        try run.prepare("whole", overrides: changes).run()
      } throws: { error in
        guard case .notFinite = error as? TrainingError else { return false }
        return "\(error)".contains("learning_rate")
      }
      let left = try contents(of: run.output("whole")).keys
      #expect(!left.contains { $0.hasSuffix(".safetensors") }, "\(left)")
      let log = MetricsLog(path: run.output("whole").path + "/metrics.jsonl")
      #expect(try log.records().allSatisfy { $0.heldOutNll == nil })
    }
  }

  @Test("case nan-model-exit-0: the last good checkpoint stays, and can be begun from")
  func theLastGoodCheckpointStays() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      try run.prepare("whole", overrides: ["training.save_steps=2"]).run(until: 9)
      // A spike that only the schedule of the rest of the run brings: the same in small.
      let from = ["initialize={from: \"\(run.output("whole").path)\"}"]
      #expect(throws: TrainingError.self) {
        try run.prepare(
          "spike", overrides: from + ["training.learning_rate=1e38", "training.warmup_steps=0"]
        ).run()
      }
      #expect(RunDirectory.isWorthGoingOn(run.output("whole").path))
      #expect(!RunDirectory.isWorthGoingOn(run.output("spike").path))
      let outcome = try run.prepare("again", overrides: from).run()
      #expect(outcome.model != nil)
    }
  }

  @Test("case diverged-advice: initialize.from takes a run, unfinished, damaged or finished")
  func aRunInitializes() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      try run.prepare("source").run(until: 5)
      let (source, checkpoints) = (run.output("source"), "checkpoints/step-00000")
      func first(_ from: String, _ name: String) throws -> ([String], Data) {
        let begun = try run.prepare(name, overrides: ["initialize={from: \"\(from)\"}"])
        try begun.run(until: 0)
        let saved = run.output(name).appending(path: "checkpoints/step-000000/model")
        return (begun.notes, try Data(contentsOf: saved.appending(path: "model.safetensors")))
      }
      func weights(_ path: String) throws -> Data {
        try Data(contentsOf: source.appending(path: path + "/model.safetensors"))
      }
      #expect(try first(source.path, "a").1 == weights(checkpoints + "5/model"))
      let file = source.appending(path: checkpoints + "5/model/model.safetensors")
      try (try Data(contentsOf: file).dropLast(9) + Data(count: 9)).write(to: file)
      let (notes, found) = try first(source.path, "b")
      #expect(try found == weights(checkpoints + "3/model"))
      #expect(notes.contains { $0.contains("skipped") && $0.contains("step-000005") })
      _ = try run.prepare("source").run()
      #expect(try first(source.path, "c").1 == weights("model"))
    }
  }

  /// A cache as earlier versions wrote it: every second sequence has a mask over all of it.
  private func maskedCache(_ folder: URL, all: Bool = false) throws -> TinyRun {
    let run = try TinyRun(.distill, in: folder)
    var sequences = Tiny.sequences(7)
    for index in sequences.indices where all || index % 2 == 0 {
      let count = sequences[index].predictionCount
      sequences[index].lossMask = Array(repeating: false, count: count)
    }
    try FileManager.default.removeItem(at: folder.appending(path: "cache"))
    try TinyCache().build(sequences, in: folder.appending(path: "cache"))
    return run
  }

  private let single = ["training.batch_size=1", "training.gradient_accumulation_steps=1"]

  @Test("case masked-step: steps of an old cache in which nothing counts are skipped and counted")
  func stepsOfAnOldCache() throws {
    try withTemporaryDirectory { folder in
      let run = try maskedCache(folder)
      let whole = try run.prepare("whole", overrides: single)
      let outcome = try whole.run()
      let trace = try RunTrace(run.output("whole"))
      let skipped = trace.metrics.filter { $0.skippedSequences != nil }
      #expect(skipped.count == outcome.state.skippedSteps && (3...8).contains(skipped.count))
      #expect(skipped.allSatisfy { $0.loss == nil && $0.skippedSequences?.count == 1 })
      #expect(skipped.flatMap { $0.skippedSequences ?? [] }.allSatisfy { $0 % 2 == 0 })
      #expect(try whole.skippedSteps()?.contains("\(skipped.count) of 10 steps") == true)
      for step in [2, 5, 7] { try run.prepare("parts", overrides: single).run(until: step) }
      _ = try run.prepare("parts", overrides: single).run()
      let parts = try RunTrace(run.output("parts"))
      #expect(parts.weights == trace.weights)
      #expect(parts.metrics.count == trace.metrics.count)
    }
  }

  @Test("case all-masked-step: a run in which nothing counted at all ends with an error")
  func nothingAtAll() throws {
    try withTemporaryDirectory { folder in
      let run = try maskedCache(folder, all: true)
      #expect(throws: TrainingError.nothingToLearn(steps: 10)) {
        try run.prepare("whole", overrides: single).run()
      }
    }
  }
}
