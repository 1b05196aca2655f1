import Foundation
@testable import Measuring
import TestRuns
import TestSupport
import Testing
@testable import Training

/// The finished run leaves the weights with the least held-out loss, however often it was stopped.
///
/// Held-out loss of these runs falls until step 2, rises at 3, is least at 5 and rises to the end;
/// checkpoints are of steps 3, 6 and 9.
@Suite struct BestWeightsTests {
  private static let keeping = [
    "training.steps=12", "evaluation.every=1", "evaluation.keep=best",
  ]
  private static let bestStep = 5

  /// The remains of a run, with all that its result says but the seconds.
  private struct Remains: Equatable {
    let trace: RunTrace
    var result: RunManifest.Result?

    init(_ folder: URL) throws {
      trace = try RunTrace(folder)
      result = try RunManifest.read(folder.path + "/run.json").result
      result?.seconds = 0
    }
  }

  private func whole(_ run: TinyRun, _ more: [String] = []) throws -> Remains {
    _ = try run.prepare("whole", overrides: Self.keeping + more).run()
    return try Remains(run.output("whole"))
  }

  /// Expects a folder's run to end as the whole run did.
  private func expectSame(
    _ name: String, _ run: TinyRun, _ expected: Remains, _ more: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    _ = try run.prepare(name, overrides: Self.keeping + more).run()
    let isSame = try Remains(run.output(name)) == expected
    #expect(isSame, "\(name)", sourceLocation: sourceLocation)
  }

  private func bestFolders(_ run: TinyRun, _ name: String) throws -> [Int] {
    RunCheckpoint.all(in: run.output(name).path + "/checkpoints", .best).map(\.step)
  }

  private func weights(_ folder: URL) throws -> Data {
    try Data(contentsOf: folder.appending(path: "model/model.safetensors"))
  }

  @Test func theKeptWeightsAreThoseAfterTheBestStep() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      let outcome = try run.prepare("whole", overrides: Self.keeping).run()
      let remains = try Remains(run.output("whole"))
      let losses = remains.trace.metrics.filter { $0.heldOutNll != nil }
      let least = try #require(losses.min { ($0.heldOutNll ?? 0) < ($1.heldOutNll ?? 0) })
      #expect(losses.count == 12 && least.step == Self.bestStep)
      let best = BestEvaluation(step: Self.bestStep, nll: least.heldOutNll ?? 0)
      #expect(outcome.state.best == best && outcome.state.step == 12 && !outcome.isStoppedEarly)
      #expect(outcome.evaluation?.nll == best.nll)
      #expect(remains.result?.best == best && remains.result?.steps == 12)
      #expect(remains.result?.stoppedEarly == false)
      // Stopped there, without keeping anything.
      let plain = Array(Self.keeping.dropLast())
      try run.prepare("there", overrides: plain).run(until: Self.bestStep)
      let there = run.output("there").appending(path: "checkpoints/step-000005")
      #expect(try weights(there) == remains.trace.weights)
      // Keeping changes nothing of the training.
      _ = try run.prepare("there", overrides: plain).run()
      let last = try Remains(run.output("there"))
      #expect(last.trace.metrics == remains.trace.metrics && last.result?.best == nil)
      #expect(last.result?.tokens == remains.result?.tokens)
      let isSame = last.trace.weights == remains.trace.weights
      #expect(!isSame)
    }
  }

  /// Evaluations after 4, 8 and, at the end, 10 steps, each better than the one before.
  @Test func theEndMayBeTheBest() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let keep = ["evaluation.keep=best", "evaluation.patience=1"]
      let outcome = try run.prepare("best", overrides: keep).run()
      #expect(outcome.state.best?.step == 10 && outcome.state.best?.nll == outcome.evaluation?.nll)
      #expect(!outcome.isStoppedEarly)
      #expect(try bestFolders(run, "best") == [4, 8], "those of the checkpoints of 6 and 9")
      _ = try run.prepare("last").run()
      let isSame = try weights(run.output("last")) == weights(run.output("best"))
      #expect(isSame)
    }
  }

  @Test func aRunThatIsStoppedAnywhereKeepsTheSame() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      let expected = try whole(run)
      for step in 0..<12 {
        try run.prepare("parts", overrides: Self.keeping).run(until: step)
        #expect(try !bestFolders(run, "parts").contains { $0 > step })
      }
      try expectSame("parts", run, expected)
      for step in 0..<12 {
        try run.prepare("once-\(step)", overrides: Self.keeping).run(until: step)
        try expectSame("once-\(step)", run, expected)
      }
    }
  }

  /// The folder is copied between each step's evaluation and its checkpoint, and after that.
  @Test func aRunThatIsKilledAnywhereKeepsTheSame() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      var (names, step): ([String], Int) = ([], 0)
      func copy(_ name: String) {
        names.append(name)
        #expect(throws: Never.self) {
          try FileManager.default.copyItem(at: run.output("whole"), to: run.output(name))
        }
      }
      _ = try run.prepare("whole", overrides: Self.keeping).run {
        copy("saved-\(step)")
        return false
      } progress: {
        step = $0.step
        copy("evaluated-\(step)")
      }
      let expected = try Remains(run.output("whole"))
      #expect(names.count == 24)
      for name in names { try expectSame(name, run, expected) }
    }
  }

  @Test(arguments: ["step-000006/state.json", "best-000005/model/model.safetensors", "best-000005"])
  func theCheckpointBeforeADamagedOneHasItsOwnBest(file: String) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      let expected = try whole(run)
      try run.prepare("parts", overrides: Self.keeping).run(until: 6)
      #expect(try bestFolders(run, "parts") == [2, 5])
      let path = run.output("parts").appending(path: "checkpoints/\(file)")
      if file == "best-000005" {
        try FileManager.default.removeItem(at: path)
      } else {
        try Data("damaged".utf8).write(to: path)
      }
      let resumed = try run.prepare("parts", overrides: Self.keeping)
      let note = try #require(resumed.notes.first { $0.contains("step-000006") })
      #expect(!file.hasPrefix("best") || note.contains("best-000005"), "\(note)")
      _ = try resumed.run()
      #expect(try Remains(run.output("parts")) == expected)
    }
  }

  @Test func withoutTheBestWeightsTheRunIsRefused() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      try run.prepare("parts", overrides: Self.keeping).run(until: 9)
      #expect(try bestFolders(run, "parts") == [5])
      let best = run.output("parts").appending(path: "checkpoints/best-000005")
      try FileManager.default.removeItem(at: best.appending(path: "model/config.json"))
      let error = #expect(throws: RunError.self) {
        try run.prepare("parts", overrides: Self.keeping)
      }
      let text = try #require(error?.description)
      #expect(text.contains("step-000009") && text.contains("best-000005"), "\(text)")
      #expect(text.contains("model/config.json is missing"), "\(text)")
    }
  }

  @Test func patienceEndsTheRun() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      for (patience, best, end) in [(1, 2, 3), (2, 5, 7), (3, 5, 8), (7, 5, 12), (8, 5, 12)] {
        let more = ["evaluation.patience=\(patience)"]
        let name = "patience-\(patience)"
        let outcome = try run.prepare(name, overrides: Self.keeping + more).run()
        #expect(outcome.state.step == end && outcome.state.best?.step == best)
        #expect(outcome.isStoppedEarly == (end < 12) && outcome.model != nil)
        let result = try #require(try Remains(run.output(name)).result)
        #expect(result.steps == end && result.stoppedEarly == (end < 12))
        // A finished run tells the same.
        let again = try run.prepare(name, overrides: Self.keeping + more).run()
        #expect(again.state.best == outcome.state.best)
        #expect(again.isStoppedEarly == outcome.isStoppedEarly && again.state.step == end)
      }
    }
  }

  /// Also where it is to stop for a while at the very step after which it ends.
  @Test func patienceIsTheSameAfterAnyStop() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      let more = ["evaluation.patience=4", "training.save_steps=1"]
      let expected = try whole(run, more)
      #expect(expected.result?.steps == 9)
      for step in [4, 8, 9, 10] {
        let name = "parts-\(step)"
        let first = try run.prepare(name, overrides: Self.keeping + more).run(stopAt: step)
        #expect((first.model == nil) == (step < 9))
        try expectSame(name, run, expected, more)
      }
      // Killed after the last checkpoint, before the result was written.
      _ = try run.prepare("killed", overrides: Self.keeping + more).run()
      for name in ["run.json", "model"] {
        try FileManager.default.removeItem(at: run.output("killed").appending(path: name))
      }
      #expect(try run.prepare("killed", overrides: Self.keeping + more).run(stopAt: 9).model != nil)
      #expect(try Remains(run.output("killed")) == expected)
    }
  }

  /// So small a learning rate changes no weight.
  @Test func theFirstOfEqualsIsKept() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      let more = ["training.learning_rate=1e-30", "evaluation.patience=4"]
      let outcome = try run.prepare("still", overrides: Self.keeping + more).run()
      #expect(outcome.state.best?.step == 1 && outcome.state.step == 5 && outcome.isStoppedEarly)
    }
  }

  @Test func aTimeLimitKeepsTheBest() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      let outcome = try run.prepare(
        "short", overrides: Self.keeping + ["training.max_seconds=1e-9"]
      ).run()
      #expect(outcome.state.step == 1 && outcome.state.best?.step == 1)
      #expect(!outcome.isStoppedEarly && outcome.model != nil)
      #expect(try bestFolders(run, "short").isEmpty)
    }
  }

  @Test func statesAreReadWithAndWithoutABest() throws {
    func read(_ more: String) throws -> TrainingState {
      let text = #"{"step": 6, "tokens": 9, "seconds": 1.5, "lastLoss": 2\#(more)}"#
      return try JSONDecoder().decode(TrainingState.self, from: Data(text.utf8))
    }
    #expect(try read("").best == nil)
    let text = try String(decoding: JSONEncoder().encode(read("")), as: UTF8.self)
    #expect(!text.contains("best"))
    let state = try read(#", "best": {"step": 6, "nll": 4.25}"#)
    #expect(state.best == BestEvaluation(step: 6, nll: 4.25))
    #expect(
      try JSONDecoder().decode(TrainingState.self, from: JSONEncoder().encode(state)) == state)
    for impossible in [0, -1, 7] {
      #expect(throws: DecodingError.self) {
        try read(#", "best": {"step": \#(impossible), "nll": 4.25}"#)
      }
    }
  }
}
