import Base
import Foundation
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

  /// This report and those on the other texts, each with its text's name.
  private var sets: [(name: String, report: StudyReport)] {
    [(result.sets.first ?? "", self)] + others.map { ($0.name, $0.report) }
  }

  /// A row for every run and text: those that diverged after the others, those of stopped arms last.
  private var runTable: CommaSeparated {
    var table = CommaSeparated(
      [
        "name", "arm", "seed", "stopped_at_step", "steps", "tokens", "seconds", "nll",
        "nll_stderr", "perplexity", "kl", "kl_stderr", "kl_median", "kl_95", "kl_99", "kl_999",
        "top1_agreement", "top1_agreement_stderr", "ece", "acceptance", "acceptance_lower_bound",
        "acceptance_upper_bound", "greedy_draft_acceptance", "evaluated_tokens", "documents",
        "shares_order", "output", "diverged_at_step", "set",
      ])
    for (name, report) in sets {
      for run in report.result.rows { table.append(Self.cells(run, stoppedAt: nil) + [name]) }
    }
    for run in result.diverged { table.append(Self.cells(run) + [""]) }
    for arm in result.stopped {
      for run in arm.rows {
        table.append(Self.cells(run, stoppedAt: run.state.step) + [sets[0].name])
      }
    }
    return table
  }

  private static func cells(_ run: StudyResult.Row, stoppedAt step: Int?) -> [String] {
    let (figures, teacher) = (run.evaluation, run.evaluation.teacher)
    let measures = [
      figures.nll, figures.nllStandardError, figures.perplexity, teacher?.kl,
      teacher?.klStandardError, teacher?.klMedian, teacher?.kl95, teacher?.kl99, teacher?.kl999,
      teacher?.top1Agreement, teacher?.top1StandardError, figures.calibrationError,
      teacher?.acceptance, teacher?.acceptanceLowerBound, teacher?.acceptanceUpperBound,
      teacher?.greedyAcceptance,
    ]
    return [
      run.name, run.arm, "\(run.seed)", step.map(String.init) ?? "", "\(run.state.step)",
      "\(run.state.tokens)", "\(run.seconds)",
    ] + measures.map(Self.cell) + [
      "\(figures.tokens)", "\(figures.scoredDocuments)", "\(run.sharesOrder)", run.folder, "",
    ]
  }

  private static func cells(_ run: StudyResult.DivergedRun) -> [String] {
    let unmeasured = [String](repeating: "", count: 21)
    let step = "\(run.divergence.step)"
    return [run.name, run.arm, "\(run.seed)", "", step] + unmeasured + [run.folder, step]
  }

  /// A row for every text and ranked arm, the best first.
  private var armTable: CommaSeparated {
    var table = CommaSeparated(
      [
        "rank", "arm", "seeds", "nll", "nll_half_width", "nll_stddev", "nll_stderr", "difference",
        "difference_half_width", "holm_p", "perplexity", "kl", "kl_stderr", "top1_agreement",
        "top1_agreement_stderr", "acceptance", "acceptance_lower_bound",
        "acceptance_upper_bound", "greedy_draft_acceptance", "ece", "tokens", "seconds", "is_plain",
        "set",
      ])
    for (name, report) in sets { report.appendArms(to: &table, of: name) }
    return table
  }

  private func appendArms(to table: inout CommaSeparated, of set: String) {
    for (index, arm) in arms.enumerated() {
      let figures = [
        arm.nll, arm.nllHalfWidth, arm.nllStddev, arm.nllStderr, arm.difference,
        arm.differenceHalfWidth, arm.holmP, arm.perplexity, arm.kl, arm.klStderr,
        arm.top1Agreement, arm.top1AgreementStderr, arm.acceptance, arm.acceptanceLowerBound,
        arm.acceptanceUpperBound, arm.greedyDraftAcceptance, arm.ece,
      ]
      table.append(
        ["\(index + 1)", arm.name, "\(arm.seeds.count)"] + figures.map(Self.cell)
          + ["\(arm.tokens)", "\(arm.seconds)", "\(arm.isPlain)", set])
    }
  }

  /// A number in full; empty where it was not measured, or is not a number.
  private static func cell(_ value: Double?) -> String {
    value.flatMap { $0.isNaN ? nil : "\($0)" } ?? ""
  }
}

/// The event file of a run, made of its metrics.
struct RunEvents {
  /// The run's folder.
  let folder: String

  private var names: [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return all.filter {
      $0.hasPrefix("events.out.tfevents.") && FileKind(of: folder + "/" + $0) == .regular
    }
  }

  /// Writes the file, unless there is one since the last metrics; under its name it is whole.
  func write() throws {
    let metrics = folder + "/metrics.jsonl"
    let old = names
    if old.contains(where: { date(folder + "/" + $0) >= date(metrics) }) { return }
    let manager = FileManager.default
    // Never committed: its one file moves out, and the folder goes.
    let unfinished = try AtomicFolder(path: folder + "/.events")
    let records = try MetricsLog(path: metrics).records()
    // The times in the file are those of training alone, from its last line back.
    let end = date(metrics) - (records.last?.seconds ?? 0)
    let writer = try TensorBoardWriter(folder: unfinished.temporary, wallTime: end)
    for record in records {
      try writer.add(record.scalars, step: record.step, wallTime: end + (record.seconds ?? 0))
    }
    for name in old { try manager.removeItem(atPath: folder + "/" + name) }
    let name = URL(filePath: writer.path).lastPathComponent
    try manager.moveItem(atPath: writer.path, toPath: folder + "/" + name)
  }

  /// The time at which a file was last written, in seconds since 1970.
  private func date(_ path: String) -> Double {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
  }
}

extension MetricsRecord {
  /// The measurements, by TensorBoard's names.
  fileprivate var scalars: [(name: String, value: Double)] {
    let all: [(String, Double?)] = [
      ("loss/total", loss), ("loss/soft", softLoss), ("loss/hard", hardLoss),
      ("loss/soft_term", softTerm), ("loss/hard_term", hardTerm), ("loss/features", featureLoss),
      ("weight/soft", softWeight), ("weight/hard", hardWeight),
      ("weight/scheduled", scheduledWeight), ("weight/feedback", feedback),
      ("weight/teacher_share", teacherShare),
      ("train/learning_rate", learningRate), ("train/gradient_norm", gradientNorm),
      ("train/tokens_per_second", tokensPerSecond), ("router/loss", routerLoss),
      ("router/expert_max_load", expertMaxLoad), ("held_out/nll", heldOutNll),
      ("held_out/kl", heldOutKl), ("held_out/top1_agreement", heldOutTop1Agreement),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }
}
