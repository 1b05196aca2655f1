@testable import Base
@testable import Capture
import Foundation
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

/// A teacher's own training writes a cache on the way.
@Suite struct TargetEmissionTests {
  /// The overrides that make a tiny run emit its cache.
  private func overrides(_ run: TinyRun, _ cache: String, _ more: [String] = []) -> [String] {
    let path = run.folder.appending(path: cache).path
    return ["emit_cache.path=\(path)", "emit_cache.sequences_per_shard=6"] + more
  }

  private func reader(_ run: TinyRun, _ cache: String) throws -> CacheReader {
    try CacheReader(directory: run.folder.appending(path: cache))
  }

  /// Four sequences a step, ten steps.
  @Test(arguments: ["threshold", "topk", "sample", "dense"])
  func aCacheOfTheWholeTraining(codec: String) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let changes = overrides(run, "cache", ["emit_cache.codec=\(codec)"])
      let outcome = try run.prepare("whole", overrides: changes).run()
      let reader = try reader(run, "cache")
      #expect(outcome.cache == reader.manifest)
      #expect(reader.count == 40)
      let capture = reader.manifest.capture
      #expect(capture.maturity == TeacherMaturity(firstStep: 0, sequencesPerStep: 4, steps: 10))
      let model = try #require(outcome.model)
      #expect(capture.teacher.name == model)
      #expect(capture.teacher.fingerprint == (try Checkpoint.open(model).fingerprint))
      #expect(capture.codec.name == codec)
      #expect(CacheVerifier.verify(folder.appending(path: "cache"), threads: 1).ok)
      #expect(
        try (0..<40).map { try reader.maturity(at: $0) } == (0..<40).map { Double($0 / 4) / 10 })
      let left = try FileManager.default.contentsOfDirectory(atPath: run.output("whole").path)
      #expect(!left.contains { $0.hasPrefix("emitted") })
    }
  }

  /// The sequences of the first step hold what the first weights say about them.
  @Test func targetsAreThoseOfTheStepsWeights() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let changes = overrides(
        run, "cache", ["emit_cache.codec=dense", "training.steps=1", "training.warmup_steps=0"])
      let config = try run.config("whole", overrides: changes)
      _ = try run.prepare("whole", overrides: changes).run()
      let model = try #require(config.model)
      let teacher = Models.Decoder(
        try DecoderConfig(hugging: model.values, source: "test"), trainable: false)
      teacher.parameters.initialize(seed: 3)
      let runner = TeacherRunner(teacher: teacher, codec: .whole, seed: 0)
      let reader = try reader(run, "cache")
      for index in 0..<4 {
        let found = try reader.sequence(at: index)
        let expected = try runner.capture(PackedSequence(found.text), ordinal: index)
        #expect(found.identity == expected.identity)
        guard case .dense(let found) = found.targets, case .dense(let wanted) = expected.targets
        else { return #expect(Bool(false), "dense targets") }
        let differences = zip(found.logProbabilities, wanted.logProbabilities).map {
          abs(Float($0) - Float($1))
        }
        #expect(try #require(differences.max()) < 0.02)
        #expect(found.argmax == wanted.argmax)
      }
    }
  }

  /// Emitting changes nothing of the training itself.
  @Test func theTrainingStaysTheSame() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      _ = try run.prepare("plain").run()
      _ = try run.prepare("emitting", overrides: overrides(run, "cache")).run()
      let isSame = try RunTrace(run.output("plain")) == RunTrace(run.output("emitting"))
      #expect(isSame)
    }
  }

  @Test(arguments: [[0], [5], [2, 3, 9]])
  func anInterruptedTrainingEmitsTheSameBytes(steps: [Int]) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let (whole, parts) = (overrides(run, "whole"), overrides(run, "parts"))
      _ = try run.prepare("same", overrides: whole).run()
      let teacher = run.output("same")
      let kept = run.output("kept")
      try FileManager.default.moveItem(at: teacher, to: kept)
      for step in steps { try run.prepare("same", overrides: parts).run(until: step) }
      let outcome = try run.prepare("same", overrides: parts).run()
      #expect(outcome.cache != nil)
      let isSame =
        try contents(of: folder.appending(path: "whole"))
        == contents(of: folder.appending(path: "parts"))
      #expect(isSame)
    }
  }

  /// The folder is copied as it is after a step: what a kill would leave.
  @Test(arguments: [(2, 0), (5, 3), (10, 9)])
  func aKilledTrainingEmitsTheSameBytes(killed: Int, saved: Int) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let cache = folder.appending(path: "cache")
      let copy = run.output("copy")
      let changes = overrides(run, "cache")
      try run.prepare("run", overrides: changes).run(until: .max) { progress in
        guard progress.step == killed else { return }
        try FileManager.default.copyItem(at: run.output("run"), to: copy)
      }
      let expected = try contents(of: cache)
      try FileManager.default.removeItem(at: cache)
      try FileManager.default.removeItem(at: run.output("run"))
      try FileManager.default.moveItem(at: copy, to: run.output("run"))
      var first: Int?
      _ = try run.prepare("run", overrides: changes).run(progress: { first = first ?? $0.step })
      #expect(first == saved + 1)
      let isSame = try contents(of: cache) == expected
      #expect(isSame)
    }
  }

  /// Killed after the cache was written and before the run was recorded as finished.
  @Test func aCacheThatWasWrittenAlreadyIsTheRunsOwn() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let changes = overrides(run, "cache")
      let copy = run.output("copy")
      try run.prepare("run", overrides: changes).run(until: .max) { progress in
        guard progress.step == 10 else { return }
        try FileManager.default.copyItem(at: run.output("run"), to: copy)
      }
      let expected = try contents(of: folder.appending(path: "cache"))
      try FileManager.default.removeItem(at: run.output("run"))
      try FileManager.default.moveItem(at: copy, to: run.output("run"))
      try Data("cache\n".utf8).write(to: run.output("run").appending(path: "emitted.path"))
      let outcome = try run.prepare("run", overrides: changes).run()
      #expect(outcome.cache != nil)
      let isSame = try contents(of: folder.appending(path: "cache")) == expected
      #expect(isSame)
    }
  }

  /// A time limit ends the steps; then the cache cannot be written, and the next attempt, which is
  /// as slow as it may be, writes that of the same steps.
  @Test func aRunOutOfTimeMakesNoStepAgain() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let changes = overrides(run, "place/cache", ["training.max_seconds=1e-9"])
      let place = folder.appending(path: "place")
      #expect(throws: ShardError.self) {
        _ = try run.prepare("run", overrides: changes).run(until: .max) { _ in
          try FileManager.default.removeItem(at: place)
          try Data("in the way".utf8).write(to: place)
        }
      }
      try FileManager.default.removeItem(at: place)
      var steps = 0
      let outcome = try run.prepare("run", overrides: changes).run(progress: { _ in steps += 1 })
      #expect(steps == 0)
      #expect(outcome.state.step == 1)
      #expect(try reader(run, "place/cache").count == 4)
      let records = try RunTrace(run.output("run")).metrics
      #expect(records.count { $0.heldOutNll != nil } == 1)
    }
  }

  /// Started again after its end, a run says what it wrote.
  @Test func aFinishedRunKnowsItsCache() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let changes = overrides(run, "cache")
      let first = try run.prepare("run", overrides: changes).run()
      #expect(try run.prepare("run", overrides: changes).isFinished)
      #expect(try run.prepare("run", overrides: changes).run().cache == first.cache)
      #expect(first.cache != nil)
      let cache = folder.appending(path: "cache")
      try FileManager.default.removeItem(at: cache)
      #expect(try run.prepare("run", overrides: changes).run().cache == nil)
      try TinyCache().build(Tiny.sequences(3), in: cache)
      #expect(try run.prepare("run", overrides: changes).run().cache == nil)
    }
  }

  @Test func onlyTheLaterStepsIfAsked() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      _ = try run.prepare("run", overrides: overrides(run, "late", ["emit_cache.from=0.65"])).run()
      let reader = try reader(run, "late")
      #expect(reader.count == 12)
      let capture = reader.manifest.capture
      #expect(capture.maturity == TeacherMaturity(firstStep: 7, sequencesPerStep: 4, steps: 10))
      #expect(try reader.maturity(at: 0) == 0.7)
      #expect(try reader.maturity(at: 11) == 0.9)
    }
  }

  @Test func anotherCacheIsLeftAlone() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      _ = try run.prepare("first", overrides: overrides(run, "cache")).run()
      let before = try contents(of: folder.appending(path: "cache"))
      let path = folder.appending(path: "cache").path
      #expect(throws: EmissionError.occupied(path: path, found: "SHA256SUMS")) {
        _ = try run.prepare("second", overrides: overrides(run, "cache"))
      }
      #expect(try contents(of: folder.appending(path: "cache")) == before)
    }
  }

  @Test func aDamagedSpoolIsNoticed() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      let changes = overrides(run, "cache")
      try run.prepare("run", overrides: changes).run(until: 6)
      let spool = run.output("run").appending(path: "emitted.spool")
      var bytes = try Data(contentsOf: spool)
      bytes[60] ^= 1
      try bytes.write(to: spool)
      #expect {
        _ = try run.prepare("run", overrides: changes).run()
      } throws: { error in
        "\(error)".contains(spool.path) && "\(error)".contains("start the run anew")
      }
      try Data().write(to: spool)
      #expect {
        _ = try run.prepare("run", overrides: changes)
      } throws: { error in
        error is RunError && "\(error)".contains("start the run anew")
          && !"\(error)".contains("repair")
      }
    }
  }

  /// A student learns from the emitted cache, and believes the teacher by its step.
  @Test func aStudentWeighsTheTeacherByItsMaturity() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.text, in: folder)
      _ = try run.prepare("run", overrides: overrides(run, "cache")).run()
      let reader = try reader(run, "cache")
      let changes = [
        "data=", "cache=\(folder.path)/cache", "training.batch_size=20", "training.steps=2",
        "loss={soft: {value: 0.8, maturity: {power: 2}}}",
      ]
      let root = try ConfigNode.parse(run.yaml("student"), file: "run.yaml").applying(changes)
      _ = try TrainingRun.prepare(
        RunConfig(root, kind: .distill), version: "test", command: []
      ).run()
      // Two micro-batches of 20: every sequence of the cache once.
      let record = try #require(
        try MetricsLog(path: run.output("student").path + "/metrics.jsonl").records().first)
      var (soft, count) = (0.0, 0.0)
      for index in 0..<40 {
        let records = Double(try reader.recordCount(at: index))
        soft += records * 0.8 * pow(Double(index / 4) / 10, 2)
        count += records
      }
      #expect(abs(try #require(record.softWeight) - soft / count) < 1e-5)
      #expect(abs(try #require(record.hardWeight) - (1 - soft / count)) < 1e-5)
    }
  }
}
