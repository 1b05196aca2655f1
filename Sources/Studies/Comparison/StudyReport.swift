import Base
import Foundation
public import Measuring
import Training

/// A study's result, ranked: every run, the arms over their seeds, and which of them differ.
package struct StudyReport: Encodable {
  /// The findings, run by run.
  package var result: StudyResult
  /// The arms in their order, and every two of them against each other.
  package let ranking: Ranking
  /// The arms that were trained to their end, the least held-out NLL first.
  package var arms: [ArmReport]
  /// The best arm with a teacher's signal against the best without, or the best arm against the
  /// baseline; nil unless there are both.
  package let gain: ChosenPair?
  /// The same runs on each of the other held-out texts, by its name.
  package let others: [(name: String, report: StudyReport)]

  /// Ranks the findings of a study.
  ///
  /// - Throws: `StatisticsError`.
  package init(_ result: StudyResult) throws {
    let ranking = try Ranking(result.scores, baseline: result.baseline)
    let arms = ranking.arms.compactMap { ranked in
      result.arms.first { $0.name == ranked.name }.map { ArmReport($0, ranked, ranking) }
    }
    let plain = Set(arms.filter(\.isPlain).map(\.name))
    self.result = result
    self.ranking = ranking
    self.arms = arms
    gain = ranking.bestAgainstBaseline ?? ranking.best { !plain.contains($0) }
    others = try result.others.map { ($0.name, try StudyReport($0.result)) }
  }

  /// Encodes the runs, the ranking and what can be said of it, in words, too.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "set": result.sets.first, "baseline": result.baseline, "equal": result.budget,
      "students": result.students == 1 ? nil : result.students,
      "runs": result.rows, "ranking": ranking.arms.map(\.name), "arms": arms,
      "pairs": ranking.pairs, "headline": ranking.headline, "sentence": ranking.statement,
      "gain": gain, "diverged": result.diverged, "stopped": result.stopped,
      "halving": Halving(rule: result.halving), "teacherNll": result.teacher?.nll,
      "teacher": result.teacher.map { EvaluationFigures($0) },
      "textNotes": result.textNotes.isEmpty ? nil : result.textNotes,
      "others": others.isEmpty ? nil : others.map(\.report),
    ])
  }
}

extension ChosenPair {
  /// The difference as a sentence without its full stop: about distillation, or beside a baseline
  /// about the two arms.
  package var sentence: String {
    isAgainstBaseline ? statement(arm, over: other) : statement("Distillation", over: "plain LM")
  }
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

/// An arm over its seeds; figures are means over these.
package struct ArmReport: Encodable {
  /// The arm's name.
  package var name: String
  /// Its seeds, ascending.
  package var seeds: [Int]
  /// The held-out NLL of each; nan where the run diverged.
  package var nlls: [Double]
  /// Their mean, in nats a token; nan where one of the runs diverged.
  package var nll: Double
  /// Half the width of its 95 % interval over seeds and documents; nil with one of either.
  package var nllHalfWidth: Double?
  /// Their standard deviation; nil with one seed.
  package var nllStddev: Double?
  /// The standard error of the mean over seeds and documents; nil with one document.
  package var nllStderr: Double?
  /// The mean of the paired differences to the baseline, else to the best arm; nil for that arm
  /// itself, and where they share no seed.
  package var difference: Double?
  /// Half the width of its 95 % interval over seeds and documents; nil with one of either.
  package var differenceHalfWidth: Double?
  /// The difference's p after Holm's correction; nil with one seed or document.
  package var holmP: Double?
  /// e to the mean NLL.
  package var perplexity: Double
  /// KL(teacher ‖ student), in nats a token, or a lower bound of it.
  package var kl: Double?
  /// The standard error of the KL over seeds and documents; nil with one document.
  package var klStderr: Double?
  /// The means over the runs of the KL's percentiles over predictions; nil from sparse targets.
  package var klMedian, kl95, kl99, kl999: Double?
  /// The share of positions where both rank the same token first.
  package var top1Agreement: Double?
  /// The standard error of that share over seeds and documents; nil with one document.
  package var top1AgreementStderr: Double?
  /// The expected share of the student's draws that the teacher would accept.
  package var acceptance: Double?
  /// Bounds of that, where sparse targets cannot tell more; the lower one holds on average.
  package var acceptanceLowerBound, acceptanceUpperBound: Double?
  /// The expected share of the student's most probable tokens that a sampled teacher would draw.
  package var greedyDraftAcceptance: Double?
  /// The expected calibration error.
  package var ece: Double?
  /// The predictions that a run was trained on.
  package var tokens: Int
  /// The seconds of a run, caching included.
  package var seconds: Double
  /// The seeds whose run diverged.
  package var divergedSeeds: [Int]
  /// Whether the teacher's signal weighs nothing at any step.
  package var isPlain: Bool
  /// Whether all of its runs saw the same sequences in the same order as the first of their seed,
  /// and none was cut short.
  package var sharesOrder: Bool
  /// The held-out NLL within each group of documents, where there are groups.
  package var groups: [GroupScore]?

  private enum CodingKeys: String, CodingKey {
    case name, seeds, nlls, nll, nllHalfWidth, nllStddev, nllStderr, difference,
      differenceHalfWidth, holmP, perplexity, kl, klStderr, top1Agreement, top1AgreementStderr,
      acceptance, acceptanceLowerBound, acceptanceUpperBound, greedyDraftAcceptance, ece, tokens,
      seconds, divergedSeeds, isPlain, sharesOrder, groups
  }
}

extension ArmReport {
  /// The figures of an arm in its place in a ranking.
  init(_ arm: StudyResult.Arm, _ ranked: RankedArm, _ ranking: Ranking) {
    let reports = arm.rows.map(\.evaluation)
    let teachers = reports.compactMap(\.teacher)
    let documents = reports.map(\.documents)
    let nll = ranked.isDiverged ? nil : HeldOutMean(documents, \.nll)
    let reference = ranking.reference ?? ""
    let pair = reference == ranked.name ? nil : ranking.pair(reference, ranked.name)
    let sign: Double = pair?.first == ranked.name ? 1 : -1
    self.init(
      name: ranked.name, seeds: ranked.seeds, nlls: ranked.scores, nll: ranked.mean,
      nllHalfWidth: nll?.interval?.halfWidth, nllStddev: ranked.standardDeviation,
      nllStderr: nll?.standardError, difference: pair.map { sign * $0.comparison.difference },
      differenceHalfWidth: pair?.comparison.interval?.halfWidth, holmP: pair?.adjustedP,
      perplexity: exp(ranked.mean), kl: teachers.mean(\.kl),
      klStderr: HeldOutMean(documents, \.kl)?.standardError,
      klMedian: teachers.compactMap(\.klMedian).mean(), kl95: teachers.compactMap(\.kl95).mean(),
      kl99: teachers.compactMap(\.kl99).mean(), kl999: teachers.compactMap(\.kl999).mean(),
      top1Agreement: teachers.mean(\.top1Agreement),
      top1AgreementStderr:
        HeldOutMean(documents) { $0.agreements.map(Double.init) }?.standardError,
      acceptance: teachers.compactMap(\.acceptance).mean(),
      acceptanceLowerBound: teachers.compactMap(\.acceptanceLowerBound).mean(),
      acceptanceUpperBound: teachers.compactMap(\.acceptanceUpperBound).mean(),
      greedyDraftAcceptance: teachers.compactMap(\.greedyAcceptance).mean(),
      ece: reports.mean(\.calibrationError),
      tokens: Int(exactly: (arm.rows.mean { Double($0.state.tokens) } ?? 0).rounded()) ?? .max,
      seconds: arm.rows.mean(\.seconds) ?? 0, divergedSeeds: ranked.divergedSeeds,
      isPlain: arm.isPlain, sharesOrder: arm.rows.allSatisfy(\.sharesOrder),
      groups: GroupScore.means(reports))
  }
}

extension GroupScore {
  /// The means of the losses over some runs; nil where the data has no groups.
  fileprivate static func means(_ reports: [EvaluationReport]) -> [GroupScore]? {
    guard let first = reports.first, !first.groups.isEmpty else { return nil }
    return first.groups.map { group in
      let same = reports.compactMap { report in report.groups.first { $0.name == group.name } }
      return GroupScore(
        name: group.name, tokens: group.tokens, nll: same.mean(\.nll) ?? .nan,
        kl: same.compactMap(\.kl).mean())
    }
  }
}

extension Array {
  /// The mean of a figure; nil of none.
  fileprivate func mean(_ figure: (Element) -> Double) -> Double? {
    isEmpty ? nil : map(figure).reduce(0, +) / Double(count)
  }
}

extension [Double] {
  /// The mean; nil of none.
  fileprivate func mean() -> Double? { mean { $0 } }
}
