import Base
public import Measuring

/// A study's result, ranked: every run, the arms over their seeds, and which of them differ.
package struct StudyReport: Encodable {
  /// The findings, run by run.
  package var result: StudyResult
  /// The arms in their order, and every two of them against each other.
  package let ranking: Ranking
  /// The arms that were trained to their end, the least held-out NLL first.
  package var arms: [ArmReport]
  /// The best arm with a teacher's signal against the best without; nil unless there are both.
  package let gain: ChosenPair?

  /// Ranks the findings of a study.
  ///
  /// - Throws: `StatisticsError`.
  package init(_ result: StudyResult) throws {
    let ranking = try Ranking(result.scores)
    let arms = ranking.arms.compactMap { ranked in
      result.arms.first { $0.name == ranked.name }.map { ArmReport($0, ranked, ranking) }
    }
    let plain = Set(arms.filter(\.isPlain).map(\.name))
    self.result = result
    self.ranking = ranking
    self.arms = arms
    gain = ranking.best { !plain.contains($0) }
  }

  /// Encodes the runs, the ranking and what can be said of it, in words, too.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "runs": result.rows, "ranking": ranking.arms.map(\.name), "arms": arms,
      "pairs": ranking.pairs, "headline": ranking.headline, "sentence": ranking.statement,
      "gain": gain, "diverged": result.diverged, "stopped": result.stopped,
      "halving": Halving(rule: result.halving), "teacherNll": result.teacher?.nll,
      "teacher": result.teacher.map { EvaluationFigures($0) },
      "textNotes": result.textNotes.isEmpty ? nil : result.textNotes,
    ])
  }
}

extension ChosenPair {
  /// The difference as a sentence about distillation, without its full stop.
  package var sentence: String { statement("Distillation", over: "plain LM") }
}

extension ChosenPair: Encodable {
  /// Encodes the difference, how the two were chosen, and what may be said of it.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "arm": arm, "baseline": other, "difference": difference, "halfWidth": halfWidth,
      "holmP": pair.adjustedP, "seeds": pair.comparison.seeds.count, "choices": choices,
      "tests": tests, "isToldApart": pair.isToldApart, "isClaim": pair.isClaim,
      "verdict": verdict, "sentence": sentence,
    ])
  }
}

/// The rule by which arms could be stopped.
private struct Halving: Encodable {
  let rule: HalvingConfig?

  func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "isOn": rule != nil, "at": rule?.shares ?? [], "keep": rule?.keep,
    ])
  }
}
