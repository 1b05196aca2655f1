@testable import Base
@testable import Capture
import Foundation
@testable import Measuring
import Models
import Shards
@testable import Studies
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

@Suite struct ComparisonTests {
  private typealias Stages = StudyStages

  /// Two runs of a few steps, one with and one without the teacher's signal.
  private func comparison(
    in folder: URL, kind: TinyRun.Kind = .distill, teacher: String? = Tiny.path("llama_tied"),
    data: String? = nil, more: [String] = []
  ) throws -> Comparison {
    let run = try TinyRun(kind, in: folder)
    let file = folder.appending(path: "run.yaml")
    try Data(run.yaml("unused").utf8).write(to: file)
    let weight = kind == .distill ? ", \"loss.soft={value: 0.2}\"" : ""
    let others = more.map { ", \"\($0)\"" }.joined()
    let text = """
      runs:
        - {name: first, config: \(file.path), overrides: [training.steps=4], caching_seconds: 7}
        - {name: second, config: \(file.path), overrides: ["training.steps=3"\(weight)\(others)]}
      teacher: \(teacher ?? "null")
      data: \(data ?? "{cache: \(folder.path)/held}")
      overlap: \(kind == .text ? "keep" : "refuse")
      output: \(folder.path)/compared
      """
    let config = try ComparisonConfig(try ConfigNode.parse(text, file: "compare.yaml"))
    return try Comparison(config, version: "test", command: ["codistill"])
  }

  @Test func everyRunGetsARow() throws {
    try withTemporaryDirectory { folder in
      let stages = Stages()
      let result = try finished(try comparison(in: folder).run(progress: stages.add))
      let rows = result.rows
      #expect(rows.map(\.name) == ["first", "second"])
      #expect(rows.map(\.state.step) == [4, 3])
      #expect(rows.map(\.cachingSeconds) == [7, 0])
      #expect(rows.allSatisfy { $0.evaluation.tokens == 24 && $0.samples.isEmpty })
      #expect(rows.allSatisfy { $0.sharesOrder && $0.seed == 3 })
      #expect(rows[0].evaluation.nll != rows[1].evaluation.nll)
      #expect(
        stages.names == ["train first", "train second", "measure first", "measure second"])
      let held = try HeldOutData(
        DataConfig(source: .cache("\(folder.path)/held")), tokenizer: nil, window: 16)
      let expected = try Evaluator(
        try Models.Decoder(Checkpoint.open(folder.path + "/compared/first/model")),
        against: .live(try Tiny.decoder("llama_tied"))
      ).evaluate(held.sequences())
      #expect("\(rows[0].evaluation)" == "\(expected)")
      #expect(result.teacher?.tokens == 24 && result.teacher?.teacher == nil)
      #expect(result.stopped.isEmpty && result.halving == nil)
    }
  }

  @Test func finishedRunsAreNeitherTrainedNorMeasuredAgain() throws {
    try withTemporaryDirectory { folder in
      let first = try finished(try comparison(in: folder).run())
      let before = try contents(of: folder.appending(path: "compared"))
      let stages = Stages()
      let again = try comparison(in: folder)
      #expect(try again.plan(memory: .max) == nil)
      let second = try finished(try again.run(progress: stages.add))
      #expect(stages.names.isEmpty)
      #expect(try contents(of: folder.appending(path: "compared")) == before)
      #expect(second.rows.map(\.state) == first.rows.map(\.state))
      #expect(
        second.rows.map { "\($0.evaluation)" } == first.rows.map { "\($0.evaluation)" })
      #expect(second.teacher == first.teacher)
    }
  }

  @Test func anotherTextOrTeacherIsMeasuredAgain() throws {
    try withTemporaryDirectory { folder in
      let first = try finished(try comparison(in: folder).run())
      let stages = Stages()
      let second = try finished(
        try comparison(in: folder, teacher: nil).run(progress: stages.add))
      #expect(stages.names == ["measure first", "measure second"])
      // Without a live teacher, the cache's own targets tell the divergence.
      #expect(second.rows.map(\.evaluation.nll) == first.rows.map(\.evaluation.nll))
      #expect(second.rows[0].evaluation.teacher != first.rows[0].evaluation.teacher)
    }
  }

  @Test func anInterruptedComparisonGoesOn() throws {
    try withTemporaryDirectory { folder in
      var made = 0
      let outcome = try comparison(in: folder).run(isInterrupted: { made >= 6 }) { stage in
        if case .training = stage { made += 1 }
      }
      guard case .interrupted = outcome else {
        Issue.record("the comparison was to stop after six steps")
        return
      }
      let stages = Stages()
      let result = try finished(try comparison(in: folder).run(progress: stages.add))
      #expect(stages.names == ["train second", "measure first", "measure second"])
      #expect(stages.steps == 1)
      #expect(result.rows.map(\.state.step) == [4, 3])
    }
  }

  @Test func anInterruptionIsHeardBetweenMeasurements() throws {
    try withTemporaryDirectory { folder in
      let stages = Stages()
      let outcome = try comparison(in: folder).run(
        isInterrupted: { stages.names.last == "measure first" }, progress: stages.add)
      guard case .interrupted = outcome else {
        Issue.record("the comparison was to stop after a measurement")
        return
      }
      let rest = Stages()
      _ = try finished(try comparison(in: folder).run(progress: rest.add))
      #expect(rest.names == ["measure second"])
    }
  }

  @Test func runsThatATimeLimitEndedShareNoSteps() throws {
    try withTemporaryDirectory { folder in
      let comparison = try comparison(in: folder, more: ["training.max_seconds=1e-9"])
      let rows = try finished(try comparison.run()).rows
      #expect(rows.map(\.isCutShort) == [false, true] && rows.map(\.sharesOrder) == [true, false])
      #expect(rows[1].state.step < 3)
    }
  }

  @Test func whatCannotBeginLeavesNoFolder() throws {
    try withTemporaryDirectory { folder in
      let comparison = try comparison(in: folder)
      let path = folder.path + "/compared"
      #expect(throws: CancellationError.self) {
        try comparison.run(try Self.refusal(path))
      }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  /// No workers; by then the folder is there, and locked.
  private static func refusal(_ path: String) throws -> StudyWorkers {
    #expect(throws: RunError.locked(path: path)) { _ = try FileLock(folder: path) }
    throw CancellationError()
  }

  @Test func withoutATeacherTheRunsOwnTokenizerReadsTheText() throws {
    try withTemporaryDirectory { folder in
      let data = "{paths: \(folder.path)/text.jsonl, sequence_length: 12, tokens: 40}"
      let result = try finished(
        try comparison(in: folder, kind: .text, teacher: nil, data: data).run())
      #expect(
        result.rows.allSatisfy { $0.evaluation.tokens == 40 && $0.evaluation.teacher == nil })
      #expect(result.arms.allSatisfy { $0.isPlain })
    }
  }

  @Test func theHeldOutTextIsOpenedBeforeTheFirstStep() throws {
    try withTemporaryDirectory { folder in
      #expect(throws: DocumentError.self) {
        try comparison(
          in: folder, kind: .text, teacher: nil, data: "{paths: \(folder.path)/none.jsonl}")
      }
      #expect(throws: ShardError.self) {
        try comparison(in: folder, data: "{cache: \(folder.path)/none}")
      }
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/compared"))
    }
  }

  @Test func aTeacherOfAnotherVocabularyIsRefused() throws {
    try withTemporaryDirectory { folder in
      let teacher = Tiny.path("text_top2_tied")
      #expect(throws: PreparationError.vocabulary(student: 120, cache: 128, path: teacher)) {
        try comparison(in: folder, teacher: teacher)
      }
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/compared"))
    }
  }
}

/// The result of a comparison that came to its end.
func finished(
  _ outcome: Comparison.Outcome, sourceLocation: SourceLocation = #_sourceLocation
) throws -> StudyResult {
  guard case .finished(let result) = outcome else {
    Issue.record("the comparison was interrupted", sourceLocation: sourceLocation)
    throw CancellationError()
  }
  return result
}

/// The names of a comparison's stages, each once in a row, and the steps that were made.
final class StudyStages {
  var names: [String] = []
  var steps = 0
  var notes: [String] = []

  func add(_ stage: Comparison.Stage) {
    let name: String
    switch stage {
    case .training(let run, _, _):
      name = "train \(run)"
      steps += 1
    case .measuring(let run): name = "measure \(run)"
    case .note(let run, _): name = "note \(run)"
    case .halved(let round): name = "stop \(round.stopped.joined(separator: " "))"
    }
    if names.last != name { names.append(name) }
  }
}
