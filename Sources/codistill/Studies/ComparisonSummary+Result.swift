import Foundation
import Measuring
import Studies
import Training

extension ComparisonSummary {
  /// Ranks what a comparison found.
  ///
  /// - Throws: `StatisticsError`.
  init(_ result: StudyResult) throws {
    let ranking = try Ranking(result.scores)
    let summaries = ranking.arms.compactMap { ranked in
      result.arms.first { $0.name == ranked.name }.map {
        ComparisonArmSummary($0, ranked, ranking)
      }
    }
    self.init(
      runs: result.rows.map { ComparisonRun($0) }, ranking: ranking.arms.map(\.name),
      arms: summaries, pairs: ranking.pairs.map { Pair($0) }, headline: ranking.headline,
      sentence: ranking.statement,
      gain: Gain(summaries, ranking), diverged: result.diverged.map { DivergedRun($0) },
      stopped: result.stopped.map { StoppedArm($0) },
      halving: Halving(
        isOn: result.halving != nil, at: result.halving?.shares ?? [], keep: result.halving?.keep),
      teacherNll: result.teacher?.nll, teacher: result.teacher.map { EvaluationSummary($0) },
      textNotes: result.textNotes.isEmpty ? nil : result.textNotes)
  }
}

extension ComparisonSummary.Pair {
  fileprivate init(_ pair: RankedPair) {
    let comparison = pair.comparison
    self.init(
      first: pair.first, second: pair.second, seeds: comparison.seeds,
      documents: comparison.documents,
      difference: comparison.difference, halfWidth: comparison.interval?.halfWidth,
      seedStderr: comparison.seedStandardError, documentStderr: comparison.documentStandardError,
      p: comparison.p, holmP: pair.adjustedP, isToldApart: pair.isToldApart,
      isClaim: pair.isClaim)
  }
}

extension ComparisonSummary.Gain {
  /// The gain of the best arm with a teacher over the best without; nil unless there are both.
  fileprivate init?(_ arms: [ComparisonArmSummary], _ ranking: Ranking) {
    let plain = Set(arms.filter(\.isPlain).map(\.name))
    guard let best = ranking.best(where: { !plain.contains($0) }) else { return nil }
    self.init(
      arm: best.arm, baseline: best.other, difference: best.difference,
      halfWidth: best.halfWidth, holmP: best.pair.adjustedP,
      seeds: best.pair.comparison.seeds.count, choices: best.choices, tests: best.tests,
      isToldApart: best.pair.isToldApart, isClaim: best.pair.isClaim, verdict: best.verdict,
      sentence: best.statement("Distillation", over: "plain LM"))
  }
}

extension ComparisonSummary.DivergedRun {
  fileprivate init(_ run: StudyResult.DivergedRun) {
    self.init(
      name: run.name, arm: run.arm, seed: run.seed, step: run.divergence.step,
      loss: run.divergence.loss, gradientNorm: run.divergence.gradientNorm, output: run.folder)
  }
}

extension ComparisonSummary.StoppedArm {
  fileprivate init(_ arm: StudyResult.StoppedArm) {
    let losses = arm.rows.map(\.evaluation.nll)
    self.init(
      arm: arm.name, share: arm.share, step: arm.rows.map(\.state.step).max() ?? 0,
      nll: losses.reduce(0, +) / Double(max(losses.count, 1)),
      runs: arm.rows.map { ComparisonRun($0) })
  }
}

extension ComparisonRun {
  fileprivate init(_ row: StudyResult.Row) {
    self.init(
      name: row.name, arm: row.arm, seed: row.seed, steps: row.state.step,
      tokens: row.state.tokens, seconds: row.state.seconds + row.cachingSeconds,
      output: row.folder, evaluation: EvaluationSummary(row.evaluation),
      sample: row.samples.first?.text,
      samples: row.samples.map { Sample(prompt: $0.prompt, text: $0.text) },
      sharesOrder: row.sharesOrder, isCutShort: row.isCutShort)
  }
}

extension ComparisonArmSummary {
  fileprivate init(_ arm: StudyResult.Arm, _ ranked: RankedArm, _ ranking: Ranking) {
    let reports = arm.rows.map(\.evaluation)
    let teachers = reports.compactMap(\.teacher)
    let documents = reports.map(\.documents)
    let nll = ranked.isDiverged ? nil : HeldOutMean(documents, \.nll)
    let best = ranking.arms.first?.name ?? ""
    let pair = best == ranked.name ? nil : ranking.pair(best, ranked.name)
    let sign: Double = pair?.first == ranked.name ? 1 : -1
    self.init(
      name: ranked.name, seeds: ranked.seeds, nlls: ranked.scores, nll: ranked.mean,
      nllHalfWidth: nll?.interval?.halfWidth, nllStddev: ranked.standardDeviation,
      nllStderr: nll?.standardError,
      difference: pair.map { sign * $0.comparison.difference },
      differenceHalfWidth: pair?.comparison.interval?.halfWidth, holmP: pair?.adjustedP,
      perplexity: ranked.perplexity, kl: teachers.mean(\.kl),
      klStderr: HeldOutMean(documents, \.kl)?.standardError,
      top1Agreement: teachers.mean(\.top1Agreement),
      top1AgreementStderr:
        HeldOutMean(documents) { $0.agreements.map(Double.init) }?.standardError,
      acceptance: teachers.compactMap(\.acceptance).mean(),
      acceptanceUpperBound: teachers.compactMap(\.acceptanceUpperBound).mean(),
      ece: reports.mean(\.calibrationError),
      tokens: Int(exactly: (arm.rows.mean { Double($0.state.tokens) } ?? 0).rounded()) ?? .max,
      seconds: arm.rows.mean { $0.state.seconds + $0.cachingSeconds } ?? 0,
      divergedSeeds: ranked.divergedSeeds, isPlain: arm.isPlain,
      sharesOrder: arm.rows.allSatisfy(\.sharesOrder), groups: Group.means(reports))
  }
}

extension ComparisonArmSummary.Group {
  /// The means over some runs; nil where the data has no groups.
  fileprivate static func means(_ reports: [EvaluationReport]) -> [Self]? {
    guard let first = reports.first, !first.groups.isEmpty else { return nil }
    return first.groups.map { group in
      let same = reports.compactMap { report in report.groups.first { $0.name == group.name } }
      return Self(
        name: group.name, tokens: group.tokens, nll: same.mean(\.nll) ?? .nan,
        kl: same.compactMap(\.kl).mean())
    }
  }
}

extension RankedArm {
  /// e to the mean NLL.
  var perplexity: Double { exp(mean) }
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
