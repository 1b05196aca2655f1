import Capture
import Foundation
import Measuring
import Reports
import Studies
import Training

extension StudyReport {
  /// The page's values of a comparison.
  ///
  /// - Throws: `RunError` where a run's metrics cannot be read.
  init(_ result: StudyResult, _ summary: ComparisonSummary, of config: ComparisonConfig) throws {
    let name = URL(filePath: config.output).lastPathComponent
    let count = summary.arms.count
    self.init(
      title: "\(name): \(count) arm\(count == 1 ? "" : "s") compared",
      created: Date.now.formatted(.iso8601.year().month().day()), version: Version.current,
      commands: [CommandLineText.quoted],
      conclusion: summary.conclusion,
      notes: summary.notes)
    ranking = summary.arms.map { arm in Row(arm, summary.runs.filter { $0.arm == arm.name }) }
    inputs = try Setting.inputs(result, config)
    gain = summary.gain.map { Gain($0) }
    pairs = summary.pairs.map { Pair($0) }
    runs = try result.logged.map { try Run(arm: $0.arm, seed: $0.seed, folder: $0.folder) }
    positions = result.arms.map { PositionCurve($0) }
    groupKey = config.data.groupKey ?? "group"
    groups = Group.all(result)
    samples = Sample.all(result, config.prompts)
    let settings = ArmSettings(result.arms.map { ($0.name, $0.config) })
    (differences, common) = (settings.differences, settings.common)
    stopped = summary.stopped.map { StoppedArm($0) }
    teacher = result.teacher.map { Teacher($0, name: config.teacher ?? "") }
  }
}

extension StudyResult {
  /// The runs whose metrics are drawn: finished, diverged, and those of stopped arms.
  fileprivate var logged: [(arm: String, seed: Int, folder: String)] {
    let diverged = diverged.map { ($0.arm, $0.seed, $0.folder) }
    let measured = (rows + stopped.flatMap(\.rows)).map { ($0.arm, $0.seed, $0.folder) }
    return measured.filter { run in !diverged.contains { $0.2 == run.2 } } + diverged
  }
}

extension ComparisonSummary {
  /// The headline and the gain; a capital letter begins it unless an arm's name does.
  fileprivate var conclusion: String {
    [capitalized(headline), gain.map { $0.sentence + "." }].compactMap { $0 }.joined(separator: " ")
  }

  private func capitalized(_ text: String) -> String {
    arms.contains { text.hasPrefix($0.name) } ? text : text.capitalizedFirst
  }

  /// What a reader must know to weigh the result.
  fileprivate var notes: [String] {
    var notes = sentence == headline ? [] : [capitalized(sentence)]
    let counts = arms.map(\.seeds.count)
    if let fewest = counts.min(), let most = counts.max(), fewest < Ranking.fewestSeedsOfAClaim {
      let seeds =
        fewest == most
        ? (most == 1 ? "one seed each" : "\(most) seeds each") : "\(fewest) to \(most) seeds"
      notes.append(
        "Arms have \(seeds): what follows are "
          + "indications; a claim needs at least five.")
    }
    if runs.contains(where: { $0.evaluation.documents == 1 }) {
      notes.append(
        "The held-out text is one document: nothing here tells how far another text would agree.")
    }
    if halving.isOn {
      notes.append(
        "Successive halving was on: after "
          + halving.at.map(Figures.percent).joined(separator: " and ")
          + " of the steps the worst arms stopped; stopped arms are not ranked.")
    }
    notes += (textNotes ?? []).map { $0.capitalizedFirst + "." }
    if let cutShortLine { notes.append(cutShortLine.capitalizedFirst + ".") }
    if let divergedLine { notes.append(divergedLine.capitalizedFirst + ".") }
    if !arms.allSatisfy(\.sharesOrder) {
      notes.append("Some arms saw other data, or the same in another order, than the first.")
    }
    if runs.contains(where: { $0.evaluation.klIsLowerBound == true }) {
      notes.append("The divergence is a lower bound: the stored targets are cut off.")
    }
    return notes
  }
}

extension String {
  /// The text with a capital letter at its beginning.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension StudyReport.Row {
  fileprivate init(_ arm: ComparisonArmSummary, _ runs: [ComparisonRun]) {
    self.init(
      arm: arm.name, seeds: arm.seeds.count, nll: arm.nll, nllHalfWidth: arm.nllHalfWidth,
      perplexity: arm.perplexity, tokens: arm.tokens, seconds: arm.seconds)
    seedNLLs = arm.nlls
    (difference, differenceHalfWidth, holmP) = (arm.difference, arm.differenceHalfWidth, arm.holmP)
    kl = arm.kl
    klStandardError = arm.klStderr
    klMedian = Self.mean(runs, \.klMedian)
    (kl95, kl99) = (Self.mean(runs, \.kl95), Self.mean(runs, \.kl99))
    kl999 = Self.mean(runs, \.kl999)
    top1 = arm.top1Agreement
    top1StandardError = arm.top1AgreementStderr
    ece = arm.ece
    acceptance = arm.acceptance ?? arm.acceptanceUpperBound
    acceptanceIsBound = arm.acceptance == nil && arm.acceptanceUpperBound != nil
  }

  private static func mean(
    _ runs: [ComparisonRun], _ figure: KeyPath<EvaluationSummary, Double?>
  ) -> Double? {
    let values = runs.compactMap { $0.evaluation[keyPath: figure] }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

extension StudyReport.Gain {
  fileprivate init(_ gain: ComparisonSummary.Gain) {
    self.init(
      arm: gain.arm, baseline: gain.baseline, nats: -gain.difference, halfWidth: gain.halfWidth,
      p: gain.holmP, verdict: gain.verdict)
  }
}

extension StudyReport.Pair {
  fileprivate init(_ pair: ComparisonSummary.Pair) {
    let better = pair.difference <= 0 ? pair.first : pair.second
    let verdict =
      switch (pair.isClaim, pair.isToldApart) {
      case (true, _): "\(better) is better"
      case (_, true): "\(better) seems better"
      case _ where pair.holmP == nil:
        pair.documents < 2 ? "no p: one document" : "no p: one seed"
      default: "cannot be told apart"
      }
    self.init(
      arm: pair.first, other: pair.second, difference: pair.difference, halfWidth: pair.halfWidth,
      holmP: pair.holmP, verdict: verdict)
  }
}

extension StudyReport.StoppedArm {
  fileprivate init(_ arm: ComparisonSummary.StoppedArm) {
    self.init(
      arm: arm.arm, step: arm.step,
      reason: "among the worst after \(Figures.percent(arm.share)) of the steps, "
        + "held-out loss \(Figures.decimal(arm.nll))")
  }
}

extension StudyReport.Run {
  fileprivate init(arm: String, seed: Int, folder: String) throws {
    let records = try MetricsLog(path: folder + "/metrics.jsonl").records()
    func points(_ value: (MetricsRecord) -> Double?) -> [StudyReport.Point] {
      records.compactMap { record in
        value(record).map { StudyReport.Point(step: record.step, value: $0) }
      }
    }
    self.init(
      arm: arm, seed: seed, trainingLoss: points(\.loss),
      heldOutNLL: points(\.heldOutNll), softWeight: points(\.softWeight),
      hardWeight: points(\.hardWeight), learningRate: points(\.learningRate))
  }
}

extension StudyReport.PositionCurve {
  fileprivate init(_ arm: StudyResult.Arm) {
    let curves = arm.rows.map(\.evaluation.nllByPosition)
    let length = curves.map(\.count).min() ?? 0
    let means = (0..<length).map { position in
      curves.reduce(0) { $0 + $1[position] } / Double(curves.count)
    }
    self.init(arm: arm.name, bins: StudyReport.PositionBin.logarithmic(means))
  }
}

extension StudyReport.Teacher {
  fileprivate init(_ report: EvaluationReport, name: String) {
    self.init(
      name: URL(filePath: name).lastPathComponent, nll: report.nll, perplexity: report.perplexity,
      ece: report.calibrationError,
      positions: StudyReport.PositionBin.logarithmic(report.nllByPosition))
  }
}
