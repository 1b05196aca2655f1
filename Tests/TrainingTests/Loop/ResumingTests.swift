import Foundation
import Models
import Shards
import TestRuns
import TestSupport
import Testing
@testable import Training

/// An interrupted run goes on bit for bit as if it had not been.
@Suite struct ResumingTests {
  /// The run's trace without any interruption.
  private func uninterrupted(_ run: TinyRun) throws -> RunTrace {
    let outcome = try run.prepare("whole").run()
    #expect(!outcome.isInterrupted && outcome.state.step == 10)
    let trace = try RunTrace(run.output("whole"))
    #expect(trace.metrics.filter { $0.loss != nil }.map(\.step) == Array(1...10))
    #expect(trace.metrics.filter { $0.heldOutNll != nil }.map(\.step) == [4, 8, 10])
    return trace
  }

  /// Expects what is in a folder to be finished as the whole run was.
  private func expectSame(
    _ name: String, _ run: TinyRun, _ expected: RunTrace, from step: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var first: Int?
    let outcome = try run.prepare(name).run(progress: { first = first ?? $0.step })
    #expect(first == step + 1, sourceLocation: sourceLocation)
    #expect(outcome.state.step == 10 && !outcome.isInterrupted, sourceLocation: sourceLocation)
    let trace = try RunTrace(run.output(name))
    // Compared apart: a failed #expect would look for the least difference of the two, for minutes.
    let isSame = trace.weights == expected.weights
    #expect(isSame, "weights", sourceLocation: sourceLocation)
    #expect(trace.metrics.count == expected.metrics.count, sourceLocation: sourceLocation)
    for (found, wanted) in zip(trace.metrics, expected.metrics) {
      #expect(found == wanted, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: TinyRun.Kind.allCases)
  func fiveAndFiveStepsAreTen(kind: TinyRun.Kind) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(kind, in: folder)
      let expected = try uninterrupted(run)
      let outcome = try run.prepare("parts").run(until: 5)
      #expect(outcome.isInterrupted && outcome.state.step == 5 && outcome.model == nil)
      try expectSame("parts", run, expected, from: 5)
    }
  }

  @Test(arguments: [[0], [1, 2], [3], [9], [4, 8]])
  func anyInterruptionsWillDo(steps: [Int]) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let expected = try uninterrupted(run)
      for step in steps {
        let outcome = try run.prepare("parts").run(until: step)
        #expect(outcome.isInterrupted && outcome.state.step == step)
      }
      try expectSame("parts", run, expected, from: steps.last ?? 0)
    }
  }

  /// A process may be killed at any time: the folder is copied as it is after a step.
  @Test(arguments: [(2, 0), (5, 3), (7, 6), (10, 9)])
  func aKilledRunGoesOnFromItsLastCheckpoint(killed: Int, saved: Int) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let copy = run.output("killed")
      try run.prepare("whole").run(until: .max) { progress in
        guard progress.step == killed else { return }
        try FileManager.default.copyItem(at: run.output("whole"), to: copy)
      }
      // What a writer leaves that is killed in the middle of a checkpoint.
      let half = copy.appending(path: "checkpoints/.step-000006.1f.partial")
      try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
      try Data("half".utf8).write(to: half.appending(path: "state.json"))
      try expectSame("killed", run, try RunTrace(run.output("whole")), from: saved)
    }
  }

  @Test(arguments: [
    "state.json", "optimizer.safetensors", "model/model.safetensors", "model/config.json",
  ])
  func theCheckpointBeforeADamagedOneIsUsed(file: String) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let expected = try uninterrupted(run)
      try run.prepare("parts").run(until: 5)
      try damage(run.output("parts").appending(path: "checkpoints/step-000005/\(file)"))
      try expectSame("parts", run, expected, from: 3)
    }
  }

  /// Files that are whole, but of another model.
  @Test func momentsOfAnotherSizeAreDamageToo() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let expected = try uninterrupted(run)
      try run.prepare("parts").run(until: 5)
      try SafetensorsWriter.write(
        to: run.output("parts").path + "/checkpoints/step-000005/optimizer.safetensors",
        tensors: ["first_moment", "second_moment"].map { NamedShape(name: $0, shape: [7]) },
        type: .float32
      ) { _, body in
        try [Float](repeating: 0, count: 7).withUnsafeBufferPointer { try body($0) }
      }
      try expectSame("parts", run, expected, from: 3)
    }
  }

  @Test func aRunWithoutAGoodCheckpointIsRefused() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      try run.prepare("parts").run(until: 5)
      for step in ["step-000003", "step-000005"] {
        let file = "checkpoints/\(step)/optimizer.safetensors"
        try damage(run.output("parts").appending(path: file))
      }
      #expect {
        _ = try run.prepare("parts")
      } throws: { error in
        guard case .corrupt(let path, _) = error as? RunError else { return false }
        return path.hasSuffix("step-000005")
      }
    }
  }

  /// As `cache build` leaves it when the cache is made again with other settings.
  @Test func otherTargetsAtTheSamePathAreRefused() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let expected = try uninterrupted(run)
      try run.prepare("parts").run(until: 5)
      let (cache, kept) = (folder.appending(path: "cache"), folder.appending(path: "kept"))
      try FileManager.default.moveItem(at: cache, to: kept)
      let codec = CacheCodec.threshold(threshold: 0.3, temperature: 1)
      try TinyCache(codec: codec).build(Tiny.sequences(7), in: cache)
      #expect {
        _ = try run.prepare("parts")
      } throws: { error in
        guard case .differentInput(_, "targets", _, _) = error as? RunError else { return false }
        return "\(error)".contains("not the targets that the run began with")
      }
      try FileManager.default.removeItem(at: cache)
      try TinyCache(sequencesPerShard: 3).build(Tiny.sequences(7), in: cache)
      try expectSame("parts", run, expected, from: 5)
    }
  }

  /// Nothing tells whether a checkpoint of an earlier version is whole, and whose it is.
  @Test("case checkpoint-bit-flip: a checkpoint without hashes is passed over and named")
  func aCheckpointOfAnEarlierVersionIsPassedOver() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let expected = try uninterrupted(run)
      try run.prepare("parts").run(until: 5)
      let seal = run.output("parts").appending(path: "checkpoints/step-000005/checkpoint.json")
      try FileManager.default.removeItem(at: seal)
      try expectPassedOver(try run.prepare("parts"), "checkpoint.json")
      try expectSame("parts", run, expected, from: 3)
    }
  }

  @Test("case checkpoint-bit-flip: one changed bit in any file of a checkpoint is found")
  func everyFileOfACheckpointIsChecked() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      try run.prepare("parts").run(until: 5)
      let checkpoint = run.output("parts").appending(path: "checkpoints/step-000005")
      let names = try FileManager.default.subpathsOfDirectory(atPath: checkpoint.path)
      var flips = 0
      for name in names.sorted() {
        let file = checkpoint.appending(path: name)
        guard let sound = FileManager.default.contents(atPath: file.path) else { continue }
        for place in [0, sound.count / 2, sound.count - 1] {
          var bytes = sound
          bytes[place] ^= 1 << (place % 8)
          try bytes.write(to: file)
          try expectPassedOver(try run.prepare("parts"), name)
          flips += 1
        }
        try sound.write(to: file)
      }
      #expect(flips >= 12)
      #expect(try run.prepare("parts").notes.isEmpty)
    }
  }

  private func expectPassedOver(_ run: TrainingRun, _ reason: String) throws {
    let note = try #require(run.notes.first { $0.contains("step-000005") })
    #expect(note.contains(reason), "\(note)")
  }

  @Test("case checkpoint-bit-flip: an impossible state is passed over, metrics stay")
  func impossibleStates() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let expected = try uninterrupted(run)
      for (key, value) in [
        ("step", 11), ("step", -5), ("step", 1_000_000_000), ("tokens", Int.max),
      ] {
        let name = "\(key)\(value)"
        try run.prepare(name).run(until: 5)
        try edit(run.output(name).appending(path: "checkpoints/step-000005/state.json")) {
          $0[key] = value
        }
        try expectSame(name, run, expected, from: 3)
      }
    }
  }

  @Test("case checkpoint-bit-flip: a trained model that was changed is not taken for the run's")
  func aChangedModelIsNamed() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let expected = try uninterrupted(run)
      let whole = run.output("whole")
      let file = whole.appending(path: "model/model.safetensors")
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count - 5] ^= 16
      try bytes.write(to: file)
      #expect {
        try RunDirectory.modelPath(whole.path)
      } throws: { "\($0)".contains("model.safetensors is not the one that the run wrote") }
      #expect(throws: RunError.self) { try run.prepare("whole").run() }
      // What the message says works: the model itself, or the training's end once more.
      #expect(try RunDirectory.modelPath(whole.path + "/model") == whole.path + "/model")
      try FileManager.default.removeItem(at: whole.appending(path: "run.json"))
      try expectSame("whole", run, expected, from: 9)
    }
  }

  @Test("case moved-cache: a run whose cache was moved goes on, bit for bit, when told where it is")
  func aMovedCacheGoesOn() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let expected = try uninterrupted(run)
      try run.prepare("parts").run(until: 5)
      for name in ["cache", "held"] {
        try FileManager.default.moveItem(
          at: folder.appending(path: name), to: folder.appending(path: "moved-" + name))
      }
      #expect(throws: (any Error).self) { try run.prepare("parts") }
      let changes =
        ["cache=\(folder.path)/moved-cache"]
        + ["evaluation.data.cache=\(folder.path)/moved-held"]
      _ = try run.prepare("parts", overrides: changes).run()
      #expect(try RunTrace(run.output("parts")).weights == expected.weights)
    }
  }

  /// Changes an object that is a JSON file.
  private func edit(_ file: URL, _ change: (inout [String: Any]) -> Void) throws {
    let found = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    var object = try #require(found as? [String: Any])
    change(&object)
    try JSONSerialization.data(withJSONObject: object).write(to: file)
  }

  /// Cuts a file in half.
  private func damage(_ file: URL) throws {
    let bytes = try Data(contentsOf: file)
    try bytes.prefix(bytes.count / 2).write(to: file)
  }

  @Test func aFinishedRunIsNotMadeAgain() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let first = try run.prepare("whole").run()
      let before = try contents(of: run.output("whole"))
      var steps = 0
      let second = try run.prepare("whole").run(progress: { _ in steps += 1 })
      #expect(steps == 0 && !second.isInterrupted)
      #expect(second.model == first.model)
      #expect(second.state == first.state)
      #expect(try contents(of: run.output("whole")) == before)
    }
  }

  @Test func theLastTwoCheckpointsStay() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      _ = try run.prepare("whole").run()
      let names = try FileManager.default.contentsOfDirectory(
        atPath: run.output("whole").appending(path: "checkpoints").path)
      #expect(names.sorted() == ["step-000006", "step-000009"])
    }
  }

  @Test func aTimeLimitEndsTheRunEarly() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      let outcome = try run.prepare("short", overrides: ["training.max_seconds=1e-9"]).run()
      #expect(outcome.state.step == 1 && !outcome.isInterrupted && outcome.model != nil)
      #expect(outcome.evaluation != nil)
    }
  }
}
