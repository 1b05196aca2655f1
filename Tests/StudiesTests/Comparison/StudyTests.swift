@testable import Base
import Foundation
@testable import Measuring
@testable import Studies
import TestRuns
import TestSupport
import Testing
@testable import Training

/// Grids with seeds.
@Suite struct StudyTests {
  /// Two by two arms of four steps with two seeds.
  private func study(in folder: URL, more: String = "", teacher: String = "") throws -> Comparison {
    let file = folder.appending(path: "run.yaml")
    if !FileManager.default.fileExists(atPath: file.path) {
      try Data(try TinyRun(.distill, in: folder).yaml("unused").utf8).write(to: file)
    }
    let text = """
      base: \(file.path)
      overrides: [training.steps=4]
      grid:
        weights:
          plain: {loss: {soft: {schedule: constant, value: 0}}}
          soft: {loss: {soft: {schedule: constant, value: 0.9}}}
        rate: {slow: {training: {learning_rate: 1e-4}}, fast: {}}
      seeds: [1, 2]
      \(teacher)
      data: {cache: \(folder.path)/held}
      output: \(folder.path)/study
      \(more)
      """
    let config = try ComparisonConfig(try ConfigNode.parse(text, file: "study.yaml"))
    return try Comparison(config, version: "test", command: ["codistill"])
  }

  private func records(_ folder: URL, _ run: String) throws -> [MetricsRecord] {
    try MetricsLog(path: "\(folder.path)/study/\(run)/metrics.jsonl").records()
  }

  @Test func everyArmMeetsEverySeed() throws {
    try withTemporaryDirectory { folder in
      let stages = StudyStages()
      let comparison = try study(in: folder)
      let result = try finished(try comparison.run(progress: stages.add))
      #expect(result.arms.map(\.name) == ["plain+slow", "plain+fast", "soft+slow", "soft+fast"])
      #expect(result.arms.map(\.isPlain) == [true, true, false, false])
      #expect(result.arms.allSatisfy { $0.rows.map(\.seed) == [1, 2] })
      #expect(result.rows.count == 8 && stages.steps == 32)
      #expect(stages.names[0] == "train plain+slow/seed-1")
      #expect(result.rows.allSatisfy { $0.sharesOrder })
      #expect(Set(result.rows.map(\.evaluation.nll)).count == 8)
    }
  }

  /// The first step's loss comes from the first weights and the first sequences alone.
  @Test func theRunsOfASeedBeginAlikeAndThoseOfTwoDoNot() throws {
    try withTemporaryDirectory { folder in
      _ = try study(in: folder).run()
      let first = try ["plain+slow", "plain+fast", "soft+slow", "soft+fast"].map { arm in
        try (1...2).map { try #require(records(folder, "\(arm)/seed-\($0)").first?.hardLoss) }
      }
      #expect(first.allSatisfy { $0 == first[0] })
      #expect(first[0][0] != first[0][1])
    }
  }

  @Test func aRunThatIsGoneIsMadeAgainAlone() throws {
    try withTemporaryDirectory { folder in
      let before = try finished(try study(in: folder).run())
      try FileManager.default.removeItem(atPath: folder.path + "/study/soft+slow/seed-2")
      let stages = StudyStages()
      let comparison = try study(in: folder)
      let plan = try #require(try comparison.plan(memory: .max))
      #expect(plan.openRuns == 1 && plan.runs == 8 && plan.steps == 4)
      let after = try finished(try comparison.run(progress: stages.add))
      #expect(stages.names == ["train soft+slow/seed-2", "measure soft+slow/seed-2"])
      #expect(
        after.rows.map { "\($0.evaluation)" } == before.rows.map { "\($0.evaluation)" })
    }
  }

  @Test func thePlanCountsWhatIsLeft() throws {
    try withTemporaryDirectory { folder in
      let plan = try #require(try study(in: folder).plan(memory: .max))
      #expect(plan.runs == 8 && plan.openRuns == 8 && plan.stepsPerRun == 4)
      #expect(plan.steps == 32 && plan.tokens > 0 && plan.seconds > 0 && plan.peakBytes > 0)
      let halved = try #require(
        try study(in: folder, more: "halving: {at: [0.5], keep: 0.5}").plan(memory: .max))
      #expect(halved.steps == 24)
    }
  }

  @Test func aChangedArmIsRefusedWithWhatToDo() throws {
    try withTemporaryDirectory { folder in
      _ = try study(in: folder).run()
      let file = folder.appending(path: "run.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacing("weight_decay: 0.1", with: "weight_decay: 0.2").utf8).write(to: file)
      let error = try #require(throws: ComparisonError.self) { try study(in: folder) }
      #expect(error.description.contains("run 'plain+slow/seed-1'"))
      #expect(error.description.contains("weight_decay: 0.1"))
      #expect(error.description.contains("remove that folder"))
    }
  }

  @Test func anArmThatCannotBeTrainedIsNamedBeforeTheFirstStep() throws {
    try withTemporaryDirectory { folder in
      _ = try study(in: folder)
      let file = folder.appending(path: "run.yaml")
      let text = """
        base: \(file.path)
        arms: [{name: good}, {name: bad, changes: {cache: \(folder.path)/none}}]
        data: {cache: \(folder.path)/held}
        output: \(folder.path)/other
        """
      let config = try ComparisonConfig(try ConfigNode.parse(text, file: "study.yaml"))
      let error = try #require(throws: ComparisonError.self) {
        try Comparison(config, version: "test", command: ["codistill"])
      }
      #expect(error.description.hasPrefix("arm 'bad': \(folder.path)/none"))
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/other"))
    }
  }

  @Test func anArmThatWouldEmitACacheIsRefused() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "run.yaml")
      try Data(try TinyRun(.cachedTokens, in: folder).yaml("unused").utf8).write(to: file)
      let text = """
        base: \(file.path)
        arms: [{name: good}, {name: bad, changes: {emit_cache: {path: \(folder.path)/emitted}}}]
        data: {cache: \(folder.path)/held}
        output: \(folder.path)/other
        """
      let config = try ComparisonConfig(try ConfigNode.parse(text, file: "study.yaml"))
      let error = try #require(throws: ComparisonError.self) {
        try Comparison(config, version: "test", command: ["codistill"])
      }
      guard case .arm("bad", let reason) = error else {
        Issue.record("\(error)")
        return
      }
      #expect("\(try #require(reason as? ConfigError))".contains("emit_cache"))
    }
  }

  @Test func theWorstArmsStopEarlyAndTheOthersAreAsTheyWouldBe() throws {
    try withTemporaryDirectory { folder in
      let whole = try finished(try study(in: folder).run())
      try FileManager.default.moveItem(
        atPath: folder.path + "/study", toPath: folder.path + "/whole")
      let halving = "halving: {at: [0.5], keep: 0.5}"
      let stages = StudyStages()
      let result = try finished(try study(in: folder, more: halving).run(progress: stages.add))
      #expect(result.arms.count == 2 && result.stopped.count == 2 && result.rounds.count == 1)
      #expect(stages.steps == 8 * 2 + 4 * 2)
      for stopped in result.stopped {
        #expect(stopped.share == 0.5 && stopped.rows.map(\.state.step) == [2, 2])
        #expect(!result.arms.contains { $0.name == stopped.name })
      }
      let standings = result.rounds[0].standings
      #expect(standings.suffix(2).map(\.arm) == result.rounds[0].stopped)
      for row in result.rows {
        let same = try #require(whole.rows.first { $0.name == row.name })
        #expect("\(row.evaluation)" == "\(same.evaluation)", "stopping changed \(row.name)")
      }
    }
  }

  @Test func aHalvedStudyRepeatsNothing() throws {
    try withTemporaryDirectory { folder in
      let halving = "halving: {at: [0.25, 0.5], keep: 0.5}"
      let first = try finished(try study(in: folder, more: halving).run())
      let stages = StudyStages()
      let again = try study(in: folder, more: halving)
      #expect(try again.plan(memory: .max) == nil)
      let second = try finished(try again.run(progress: stages.add))
      #expect(stages.steps == 0 && stages.names.allSatisfy { $0.hasPrefix("stop") })
      #expect(second.stopped.map(\.name) == first.stopped.map(\.name))
      #expect(second.stopped.count == 3 && second.arms.count == 1)
      // Without the rule, the stopped arms go on from where they are.
      let rest = StudyStages()
      let whole = try finished(try study(in: folder).run(progress: rest.add))
      #expect(whole.arms.count == 4 && rest.steps == 2 * (3 + 3 + 2))
    }
  }

  /// A survivor's checkpoints of the shares are gone, so that it cannot be measured there again.
  @Test(arguments: ["prompts: [one]", "tokens: 12", "teacher: null"])
  func aHalvedStudyKeepsItsDecisionsWhereTheMeasuringChanges(change: String) throws {
    try withTemporaryDirectory { folder in
      let halving = "halving: {at: [0.25, 0.5], keep: 0.5}\n"
      let teacher = "teacher: \(Tiny.path("llama_tied"))"
      let first = try finished(try study(in: folder, more: halving, teacher: teacher).run())
      let record = try Data(contentsOf: folder.appending(path: "study/halving.json"))
      let stages = StudyStages()
      let again = try study(
        in: folder, more: halving + (change.hasPrefix("teacher") ? "" : change),
        teacher: change.hasPrefix("teacher") ? "" : teacher)
      #expect(try again.plan(memory: .max) == nil)
      let second = try finished(try again.run(progress: stages.add))
      #expect(stages.steps == 0)
      #expect(second.stopped.map(\.name) == first.stopped.map(\.name))
      #expect(second.stopped.map(\.share) == first.stopped.map(\.share))
      #expect(second.stopped.allSatisfy { $0.rows.count == 2 })
      #expect(second.arms.map(\.name) == first.arms.map(\.name))
      #expect(try Data(contentsOf: folder.appending(path: "study/halving.json")) == record)
    }
  }
}
