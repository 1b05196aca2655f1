import Distillation
import Foundation
import Models
import TestSupport
import Testing

@Suite struct ComparisonTests {
  /// Two runs of a few steps, one with and one without the teacher's signal.
  private func comparison(
    in folder: URL, kind: TinyRun.Kind = .distill, teacher: String? = Tiny.path("llama_tied"),
    data: String? = nil
  ) throws -> Comparison {
    let run = try TinyRun(kind, in: folder)
    let file = folder.appending(path: "run.yaml")
    try Data(run.yaml("unused").utf8).write(to: file)
    let weight = kind == .distill ? ", loss.soft={value: 0.2}" : ""
    let text = """
      runs:
        - {name: first, config: \(file.path), overrides: [training.steps=4], caching_seconds: 7}
        - {name: second, config: \(file.path), overrides: ["training.steps=3"\(weight)]}
      teacher: \(teacher ?? "null")
      data: \(data ?? "{cache: \(folder.path)/held}")
      output: \(folder.path)/compared
      """.replacing(", loss.soft={value: 0.2}", with: ", \"loss.soft={value: 0.2}\"")
    let config = try ComparisonConfig(try ConfigNode.parse(text, file: "compare.yaml"))
    return Comparison(config, version: "test", command: ["codistill"])
  }

  private func rows(_ outcome: Comparison.Outcome) throws -> [Comparison.Row] {
    guard case .finished(let rows, _) = outcome else {
      Issue.record("the comparison was interrupted")
      return []
    }
    return rows
  }

  /// The names of the stages, each once in a row.
  private final class Stages {
    var names: [String] = []

    func add(_ stage: Comparison.Stage) {
      let name =
        switch stage {
        case .training(let run, _): "train \(run)"
        case .measuring(let run): "measure \(run)"
        case .note(let run, _): "note \(run)"
        }
      if names.last != name { names.append(name) }
    }
  }

  @Test func everyRunGetsARow() throws {
    try withTemporaryDirectory { folder in
      let stages = Stages()
      let outcome = try comparison(in: folder).run(progress: stages.add)
      let rows = try rows(outcome)
      #expect(rows.map(\.name) == ["first", "second"])
      #expect(rows.map(\.state.step) == [4, 3])
      #expect(rows.map(\.cachingSeconds) == [7, 0])
      #expect(rows.allSatisfy { $0.evaluation.tokens == 24 && $0.sample == nil })
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
      guard case .finished(_, let teacher?) = outcome else {
        Issue.record("no figures of the teacher")
        return
      }
      #expect(teacher.tokens == 24 && teacher.teacher == nil)
    }
  }

  @Test func finishedRunsAreNotTrainedAgain() throws {
    try withTemporaryDirectory { folder in
      let first = try rows(try comparison(in: folder).run())
      let before = try contents(of: folder.appending(path: "compared"))
      let stages = Stages()
      let second = try rows(try comparison(in: folder).run(progress: stages.add))
      #expect(stages.names == ["measure first", "measure second"])
      #expect(try contents(of: folder.appending(path: "compared")) == before)
      #expect(second.map(\.state) == first.map(\.state))
      #expect(second.map { "\($0.evaluation)" } == first.map { "\($0.evaluation)" })
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
      let rows = try rows(try comparison(in: folder).run(progress: stages.add))
      #expect(stages.names == ["train second", "measure first", "measure second"])
      #expect(rows.map(\.state.step) == [4, 3])
    }
  }

  @Test func withoutATeacherTheRunsOwnTokenizerReadsTheText() throws {
    try withTemporaryDirectory { folder in
      let data = "{paths: \(folder.path)/text.jsonl, sequence_length: 12, tokens: 40}"
      let rows = try rows(
        try comparison(in: folder, kind: .text, teacher: nil, data: data).run())
      #expect(rows.allSatisfy { $0.evaluation.tokens == 40 && $0.evaluation.teacher == nil })
    }
  }

  @Test func aTeacherOfAnotherVocabularyIsRefused() throws {
    try withTemporaryDirectory { folder in
      let teacher = Tiny.path("text_top2_tied")
      let comparison = try comparison(in: folder, teacher: teacher)
      #expect(throws: PreparationError.vocabulary(student: 120, cache: 128, path: teacher)) {
        _ = try comparison.run()
      }
    }
  }
}
