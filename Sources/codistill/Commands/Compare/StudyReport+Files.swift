import Base
import Measuring
import Reports
import Studies
import Training

extension StudyReport {
  /// Writes `comparison.json`, `runs.csv` and `arms.csv` into a folder.
  func write(to folder: String) throws {
    try AtomicFile.write(try JSONOutput.line(self) + "\n", to: folder + "/comparison.json")
    try AtomicFile.write(runTable.text, to: folder + "/runs.csv")
    try AtomicFile.write(armTable.text, to: folder + "/arms.csv")
  }

  /// A row for every run: those that diverged after the others, those of stopped arms last.
  private var runTable: CommaSeparated {
    var table = CommaSeparated(
      [
        "name", "arm", "seed", "stopped_at_step", "steps", "tokens", "seconds", "nll",
        "nll_stderr", "perplexity", "kl", "kl_stderr", "kl_median", "kl_95", "kl_99", "kl_999",
        "top1_agreement", "top1_agreement_stderr", "ece", "acceptance", "acceptance_upper_bound",
        "evaluated_tokens", "documents", "shares_order", "output", "diverged_at_step",
      ])
    for run in result.rows { table.append(Self.cells(run, stoppedAt: nil)) }
    for run in result.diverged { table.append(Self.cells(run)) }
    for arm in result.stopped {
      for run in arm.rows { table.append(Self.cells(run, stoppedAt: run.state.step)) }
    }
    return table
  }

  private static func cells(_ run: StudyResult.Row, stoppedAt step: Int?) -> [String] {
    let (figures, teacher) = (run.evaluation, run.evaluation.teacher)
    let measures = [
      figures.nll, figures.nllStandardError, figures.perplexity, teacher?.kl,
      teacher?.klStandardError, teacher?.klMedian, teacher?.kl95, teacher?.kl99, teacher?.kl999,
      teacher?.top1Agreement, teacher?.top1StandardError, figures.calibrationError,
      teacher?.acceptance, teacher?.acceptanceUpperBound,
    ]
    return [
      run.name, run.arm, "\(run.seed)", step.map(String.init) ?? "", "\(run.state.step)",
      "\(run.state.tokens)", "\(run.seconds)",
    ] + measures.map(Self.cell) + [
      "\(figures.tokens)", "\(figures.scoredDocuments)", "\(run.sharesOrder)", run.folder, "",
    ]
  }

  private static func cells(_ run: StudyResult.DivergedRun) -> [String] {
    let unmeasured = [String](repeating: "", count: 19)
    let step = "\(run.divergence.step)"
    return [run.name, run.arm, "\(run.seed)", "", step] + unmeasured + [run.folder, step]
  }

  /// A row for every ranked arm, the best first.
  private var armTable: CommaSeparated {
    var table = CommaSeparated(
      [
        "rank", "arm", "seeds", "nll", "nll_half_width", "nll_stddev", "nll_stderr", "difference",
        "difference_half_width", "holm_p", "perplexity", "kl", "kl_stderr", "top1_agreement",
        "top1_agreement_stderr", "acceptance",
        "acceptance_upper_bound", "ece", "tokens", "seconds", "is_plain",
      ])
    for (index, arm) in arms.enumerated() {
      let figures = [
        arm.nll, arm.nllHalfWidth, arm.nllStddev, arm.nllStderr, arm.difference,
        arm.differenceHalfWidth, arm.holmP, arm.perplexity, arm.kl, arm.klStderr,
        arm.top1Agreement, arm.top1AgreementStderr, arm.acceptance,
        arm.acceptanceUpperBound, arm.ece,
      ]
      table.append(
        ["\(index + 1)", arm.name, "\(arm.seeds.count)"] + figures.map(Self.cell)
          + ["\(arm.tokens)", "\(arm.seconds)", "\(arm.isPlain)"])
    }
    return table
  }

  /// A number in full; empty where it was not measured, or is not a number.
  private static func cell(_ value: Double?) -> String {
    value.flatMap { $0.isNaN ? nil : "\($0)" } ?? ""
  }
}
