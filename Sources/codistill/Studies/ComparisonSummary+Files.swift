import Base
import Reports

extension ComparisonSummary {
  /// Writes `comparison.json`, `runs.csv` and `arms.csv` into a folder.
  func write(to folder: String) throws {
    try AtomicFile.write(try JSONOutput.line(self) + "\n", to: folder + "/comparison.json")
    try AtomicFile.write(runTable.text, to: folder + "/runs.csv")
    try AtomicFile.write(armTable.text, to: folder + "/arms.csv")
  }

  /// A row for every run: those that diverged after the others, those of stopped arms last.
  var runTable: CommaSeparated {
    var table = CommaSeparated(
      [
        "name", "arm", "seed", "stopped_at_step", "steps", "tokens", "seconds", "nll",
        "nll_stderr", "perplexity", "kl", "kl_stderr", "kl_median", "kl_95", "kl_99", "kl_999",
        "top1_agreement", "top1_agreement_stderr", "ece", "acceptance", "acceptance_upper_bound",
        "evaluated_tokens", "documents", "shares_order", "output", "diverged_at_step",
      ])
    for run in runs { table.append(Self.cells(run, stoppedAt: nil)) }
    for run in diverged { table.append(Self.cells(run)) }
    for arm in stopped {
      for run in arm.runs { table.append(Self.cells(run, stoppedAt: run.steps)) }
    }
    return table
  }

  private static func cells(_ run: ComparisonRun, stoppedAt step: Int?) -> [String] {
    let figures = run.evaluation
    let measures = [
      figures.nll, figures.nllStderr, figures.perplexity, figures.kl, figures.klStderr,
      figures.klMedian,
      figures.kl95, figures.kl99, figures.kl999, figures.top1Agreement,
      figures.top1AgreementStderr, figures.ece, figures.acceptance, figures.acceptanceUpperBound,
    ]
    return [
      run.name, run.arm, "\(run.seed)", step.map(String.init) ?? "", "\(run.steps)",
      "\(run.tokens)", "\(run.seconds)",
    ] + measures.map(Self.cell) + [
      "\(figures.tokens)", "\(figures.documents)", "\(run.sharesOrder)", run.output, "",
    ]
  }

  private static func cells(_ run: DivergedRun) -> [String] {
    let unmeasured = [String](repeating: "", count: 19)
    return [run.name, run.arm, "\(run.seed)", "", "\(run.step)"] + unmeasured
      + [run.output, "\(run.step)"]
  }

  /// A row for every ranked arm, the best first.
  var armTable: CommaSeparated {
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

  /// A number in full; nothing for what was not measured, or is none.
  private static func cell(_ value: Double?) -> String {
    value.flatMap { $0.isNaN ? nil : "\($0)" } ?? ""
  }
}
