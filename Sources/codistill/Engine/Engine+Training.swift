import Distillation
import Foundation
import Reports
import Tensors

extension Engine {
  /// Trains a student, or goes on with it, until its last step or an interruption.
  static func train(_ config: RunConfig, profile: Profile?) throws -> TrainingSummary {
    let run = try TrainingRun.prepare(
      config, version: Version.current, command: CommandLineText.words)
    for note in run.notes { Terminal.writeToStandardError(note + "\n") }
    let line = ProgressLine("training", total: config.training.steps, unit: "steps")
    let outcome = try run.run(
      profile: profile, isInterrupted: { Interruption.isRequested }
    ) {
      line.update(done: $0.step, news: $0.news)
    }
    line.finish()
    if config.emission != nil, outcome.model != nil, outcome.cache == nil {
      Console.note("no cache was written by this attempt: it made no step that emit_cache stores")
    }
    return TrainingSummary(outcome, run: config.output, profile: profile?.times)
  }

  /// Trains and measures the runs of a comparison.
  static func compare(_ config: ComparisonConfig) throws -> ComparisonSummary {
    let comparison = Comparison(
      config, version: Version.current, command: CommandLineText.words)
    var line: (run: String, progress: ProgressLine)?
    let outcome = try comparison.run(isInterrupted: { Interruption.isRequested }) { stage in
      switch stage {
      case .note(let run, let note): Terminal.writeToStandardError("\(run): \(note)\n")
      case .training(let run, let progress):
        if line?.run != run {
          line?.progress.finish()
          line = (run, ProgressLine(run, total: progress.totalSteps, unit: "steps"))
        }
        line?.progress.update(done: progress.step, news: progress.news)
      case .measuring(let run):
        line?.progress.finish()
        Terminal.writeToStandardError("measuring \(run)\n")
      }
    }
    guard case .finished(let rows, let teacher) = outcome else {
      throw CommandError.interrupted(resume: CommandLineText.quoted)
    }
    return ComparisonSummary(runs: rows.map(ComparisonSummary.Run.init), teacherNll: teacher?.nll)
  }
}

extension TrainingRun.Progress {
  /// The loss terms, for the progress line.
  fileprivate var news: String {
    let count = Double(max(report.sums.count, 1))
    let soft = report.sums.soft == 0 ? "" : ", KL \(Figures.decimal(report.sums.soft / count))"
    return "NLL \(Figures.decimal(report.sums.hard / count))\(soft)"
  }
}

extension TrainingSummary {
  fileprivate init(_ outcome: TrainingRun.Outcome, run: String, profile: StepTimes?) {
    let state = outcome.state
    self.init(
      steps: state.step, tokens: state.tokens,
      tokensPerSecond: state.seconds > 0 ? Double(state.tokens) / state.seconds : 0,
      finalLoss: state.lastLoss, peakRssBytes: ProcessMemory.peakBytes, seconds: state.seconds,
      output: outcome.model ?? run, isInterrupted: outcome.isInterrupted,
      emittedCache: outcome.cache.map(CacheSummary.init),
      profile: profile.map(ProfileSummary.init))
  }
}

extension ComparisonSummary.Run {
  fileprivate init(_ row: Comparison.Row) {
    self.init(
      name: row.name, steps: row.state.step, tokens: row.state.tokens,
      seconds: row.state.seconds + row.cachingSeconds, nll: row.evaluation.nll,
      kl: row.evaluation.teacher?.kl, klStderr: row.evaluation.teacher?.klStandardError,
      top1Agreement: row.evaluation.teacher?.top1Agreement, sample: row.sample,
      sharesOrder: row.sharesOrder)
  }
}
