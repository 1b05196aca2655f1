@testable import Base
import Foundation
@testable import Measuring
@testable import Studies
import TestRuns
import TestSupport
import Testing
@testable import Training

/// Arms that keep their best weights, and stop when these get no better.
///
/// Held-out loss of their runs falls until step 2, rises at 3, and is least at 5 of 12 steps.
@Suite struct KeptWeightsTests {
  private func study(
    in folder: URL, arms: String, data: String = "held", more: String = ""
  ) throws -> Comparison {
    let file = folder.appending(path: "run.yaml")
    if !FileManager.default.fileExists(atPath: file.path) {
      try Data(try TinyRun(.cachedTokens, in: folder).yaml("unused").utf8).write(to: file)
      try TinyCache(codec: .sparse).build(
        Tiny.sequences(2, seed: 10), in: folder.appending(path: "other"))
    }
    let text = """
      base: \(file.path)
      overrides: [training.steps=12, evaluation.every=1]
      arms: \(arms)
      data: {cache: \(folder.path)/\(data)}
      output: \(folder.path)/study
      \(more)
      """
    let config = try ComparisonConfig(try ConfigNode.parse(text, file: "study.yaml"))
    return try Comparison(config, version: "test", command: ["codistill"])
  }

  private static let last = "{name: last}"
  private static let best = "{name: best, changes: {evaluation: {keep: best}}}"
  private static let patient = "{name: patient, changes: {evaluation: {keep: best, patience: 2}}}"

  @Test func theKeptWeightsAreMeasured() throws {
    try withTemporaryDirectory { folder in
      let arms = "[\(Self.last), \(Self.best), \(Self.patient)]"
      let comparison = try study(in: folder, arms: arms)
      let result = try finished(try comparison.run())
      let rows = result.rows
      #expect(rows.map(\.state.step) == [12, 12, 7])
      #expect(rows.map { $0.state.best?.step } == [nil, 5, 5])
      #expect(rows.map(\.isStoppedEarly) == [false, false, true])
      #expect(rows.allSatisfy { !$0.isCutShort && $0.sharesOrder })
      // The text is the one by which the weights were chosen.
      #expect(rows[1].evaluation.nll == rows[1].state.best?.nll)
      #expect(rows[1].evaluation == rows[2].evaluation)
      #expect(rows[0].evaluation.nll > rows[1].evaluation.nll)
      #expect(rows[2].state.tokens * 12 == rows[1].state.tokens * 7)
      #expect(comparison.runs.allSatisfy { $0.madeSteps == 12 && !$0.isOpen })
      // What is kept is neither trained nor measured again.
      let stages = StudyStages()
      let again = try study(in: folder, arms: arms)
      #expect(try again.plan(memory: .max) == nil)
      _ = try finished(try again.run(progress: stages.add))
      #expect(stages.names.isEmpty)
    }
  }

  @Test func aFlatteringChoiceIsTold() throws {
    try withTemporaryDirectory { folder in
      let arms = "[\(Self.last), \(Self.best), \(Self.patient)]"
      // The other one's two fragments are too short to be known.
      let note = try #require(try study(in: folder, arms: arms).notes.first)
      #expect(
        note == "evaluation: 1 of the 2 sequences evaluated (first: number 0) is also in the text "
          + "by which evaluation.keep: best chooses, which flatters 'best', 'patient'")
      #expect(try study(in: folder, arms: arms, data: "other").notes.isEmpty)
      #expect(try study(in: folder, arms: "[\(Self.last)]").notes.isEmpty)
    }
  }

  /// An arm is judged by the weights that it would keep.
  @Test func armsAreJudgedByTheirBest() throws {
    try withTemporaryDirectory { folder in
      let arms = "[\(Self.last), \(Self.best), \(Self.patient)]"
      let result = try finished(
        try study(in: folder, arms: arms, more: "halving: {at: [0.25, 0.75], keep: 0.6}").run())
      // At step 3 the last weights are worse than those of step 2.
      let first = result.rounds[0]
      #expect(first.standings.map(\.arm) == ["best", "patient", "last"])
      #expect(first.standings[0].nll == first.standings[1].nll && first.stopped == ["last"])
      #expect(first.standings[1].nll < first.standings[2].nll)
      let stopped = try #require(result.stopped.first?.rows.first)
      #expect(stopped.state.step == 3 && stopped.evaluation.nll == first.standings[2].nll)
      // At step 9 one of them has ended by itself.
      let second = result.rounds[1]
      #expect(second.standings.map(\.arm) == ["best", "patient"] && second.stopped.isEmpty)
      #expect(second.standings.map(\.mayStop) == [true, false])
      #expect(second.standings[0].nll == second.standings[1].nll)
      #expect(second.standings[0].nll < first.standings[0].nll)
      #expect(result.rows.map(\.state.step) == [12, 7])
      #expect(result.rows.allSatisfy { $0.evaluation.nll == second.standings[0].nll })
    }
  }
}
