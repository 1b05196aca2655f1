@testable import Base
import Foundation
@testable import Measuring
@testable import Studies
import TestRuns
import TestSupport
import Testing
@testable import Training

/// Comparisons on several texts, against a baseline, and with equal budgets.
@Suite struct HeldOutSetTests {
  /// Three arms of a few steps with two seeds; the held-out text is measured whole and in part.
  private func study(in folder: URL, more: String = "", seeds: String = "[1, 2]") throws
    -> Comparison
  {
    let file = folder.appending(path: "run.yaml")
    if !FileManager.default.fileExists(atPath: file.path) {
      try Data(try TinyRun(.distill, in: folder).yaml("unused").utf8).write(to: file)
    }
    let text = """
      base: \(file.path)
      arms:
        - {name: plain, changes: {loss: {soft: {schedule: constant, value: 0}}}}
        - {name: soft, changes: {loss: {soft: {schedule: constant, value: 0.9}}}}
        - {name: slow, changes: {training: {learning_rate: 1e-4}}, caching_seconds: 8}
      seeds: \(seeds)
      teacher: \(Tiny.path("llama_tied"))
      sets:
        part: {data: {cache: \(folder.path)/held}, tokens: 12}
        whole: {data: {cache: \(folder.path)/held}}
      output: \(folder.path)/study
      \(more)
      """
    let config = try ComparisonConfig(try ConfigNode.parse(text, file: "study.yaml"))
    return try Comparison(config, version: "test", command: ["codistill"])
  }

  @Test func everyRunIsMeasuredOnEverySet() throws {
    try withTemporaryDirectory { folder in
      let result = try finished(
        try study(in: folder, more: "rank_by: whole\nequal: {steps: 3}").run())
      #expect(result.sets == ["whole", "part"] && result.teachers.map(\.tokens) == [24, 12])
      #expect(result.rows.allSatisfy { $0.evaluations.map(\.tokens) == [24, 12] })
      let report = try StudyReport(result)
      let other = try #require(report.others.first)
      #expect(report.others.count == 1 && other.name == "part")
      #expect(other.report.result.rows.map(\.evaluation) == result.rows.map { $0.evaluations[1] })
      #expect(other.report.result.teacher == result.teachers[1])
      // What each set says is what a study of it alone would say.
      for (set, found) in [("whole", report), ("part", other.report)] {
        let alone = try StudyReport(
          try finished(try study(in: folder, more: "rank_by: \(set)\nequal: {steps: 3}").run()))
        #expect(alone.arms.map(\.nll) == found.arms.map(\.nll))
        #expect(alone.ranking == found.ranking)
      }
    }
  }

  @Test func anotherRankingMeasuresNothingAgain() throws {
    try withTemporaryDirectory { folder in
      _ = try study(in: folder, more: "equal: {steps: 2}", seeds: "[1]").run()
      let before = try contents(of: folder.appending(path: "study"))
      #expect(before.keys.contains { $0.hasSuffix("soft/seed-1/measured.part.json") })
      #expect(before.keys.contains { $0.hasSuffix("teacher.whole.json") })
      let stages = StudyStages()
      let again = try study(in: folder, more: "rank_by: whole\nequal: {steps: 2}", seeds: "[1]")
      let result = try finished(try again.run(progress: stages.add))
      #expect(stages.names.isEmpty && result.sets == ["whole", "part"])
      #expect(try contents(of: folder.appending(path: "study")) == before)
    }
  }

  @Test func aBaselineIsWhatOthersAreHeldAgainst() throws {
    try withTemporaryDirectory { folder in
      let report = try StudyReport(
        try finished(try study(in: folder, more: "baseline: plain\nequal: {steps: 2}").run()))
      #expect(report.ranking.pairs.count == 2)
      for arm in report.arms {
        let pair = report.ranking.pair("plain", arm.name)
        #expect((arm.difference == nil) == (arm.name == "plain"))
        #expect(arm.difference.map(abs) == pair.map { abs($0.comparison.difference) })
        if let difference = arm.difference {
          let own = try #require(report.arms.first { $0.name == "plain" }).nll
          #expect(abs(difference - (arm.nll - own)) < 1e-9, "more is worse")
        }
      }
      #expect(report.gain?.other == "plain" && report.gain?.isAgainstBaseline == true)
    }
  }

  /// Without it there would be nothing to hold the others against.
  @Test(arguments: ["plain", "soft", "slow"])
  func aBaselineIsNeverStopped(name: String) throws {
    try withTemporaryDirectory { folder in
      let more = "baseline: \(name)\nequal: {steps: 2}\nhalving: {at: [0.5], keep: 0.34}"
      let result = try finished(try study(in: folder, more: more, seeds: "[1]").run())
      #expect(result.arms.contains { $0.name == name } && !result.stopped.isEmpty)
      #expect(!result.stopped.contains { $0.name == name })
    }
  }

  @Test func tokensAreCountedInWholeSteps() throws {
    try withTemporaryDirectory { folder in
      let comparison = try study(in: folder, more: "equal: {tokens: 600}", seeds: "[1]")
      let run = comparison.runs[0]
      let perStep =
        run.config.training.batchSize * run.config.training.gradientAccumulationSteps
        * run.sequenceLength
      #expect(comparison.runs.allSatisfy { $0.steps == 600 / perStep } && run.steps > 0)
      let error = try #require(throws: ComparisonError.self) {
        try study(in: folder, more: "equal: {tokens: 2}", seeds: "[1]")
      }
      #expect(error.description.contains("takes \(perStep) tokens a step"), "\(error)")
    }
  }

  @Test func epochsAreCountedForEveryRun() throws {
    try withTemporaryDirectory { folder in
      let passes = "overrides: ['training.steps=', training.epochs=4]"
      let comparison = try study(in: folder, more: passes, seeds: "[1]")
      #expect(comparison.runs.map(\.steps) == [7, 7, 7])
    }
  }

  @Test func secondsCountAStudentsShareOfItsCache() throws {
    try withTemporaryDirectory { folder in
      let comparison = try study(
        in: folder, more: "equal: {seconds: 5}\nstudents: 4", seeds: "[1]")
      #expect(comparison.runs.map(\.config.training.maxSeconds) == [5, 5, 3])
      #expect(comparison.runs.map(\.cachingSeconds) == [0, 0, 2])
      // No more steps are foretold than the time holds.
      let short = try study(in: folder, more: "equal: {seconds: 1e-6}\nstudents: 100000000")
      let plan = try #require(try short.plan(memory: .max))
      #expect(plan.openRuns == 6 && plan.steps == 6)
      let error = try #require(throws: ComparisonError.self) {
        try study(in: folder, more: "equal: {seconds: 5}", seeds: "[1]")
      }
      #expect(error.description.contains("cache of 'slow' alone took 8.0 s"), "\(error)")
    }
  }
}
