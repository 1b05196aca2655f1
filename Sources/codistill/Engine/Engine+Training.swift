import Foundation
import Models
import Reports
import Studies
import Tensors
import Training

extension Engine {
  /// Trains a student, or goes on with it, until its last step or an interruption.
  ///
  /// With `stopAt`, it is saved after that many steps, and goes on another time. A worker tells its
  /// steps on standard output instead of showing them.
  static func train(
    _ config: RunConfig, profile: Profile?, stopAt: Int? = nil, isWorker: Bool = false
  ) throws -> TrainingSummary {
    let run = try TrainingRun.prepare(
      config, version: Version.current, command: CommandLineText.words,
      memory: MemoryFacts.current.usable)
    for note in run.notes { Terminal.tell(note) }
    let wasFinished = run.isFinished
    let line = ProgressLine("training", total: config.training.steps, unit: "steps")
    var report = WorkerReport()
    let outcome = try WorkerReport.tellingDivergence(isWorker, config) {
      try run.run(profile: profile, stopAt: stopAt, isInterrupted: { Interruption.isRequested }) {
        if isWorker { report.tell(StepNews($0)) } else { line.update(done: $0.step, news: $0.news) }
      }
    }
    line.finish()
    if let skipped = try run.skippedSteps() { Console.warning(skipped) }
    if let path = config.emission?.path, outcome.model != nil, outcome.cache == nil {
      Console.note(
        wasFinished
          ? "\(path): the finished run's cache is not there"
          : "\(path): no cache was written: the run made no step that emit_cache stores")
    }
    return TrainingSummary(outcome, run: config.output, profile: profile?.times)
  }
}

extension TrainingRun.Progress {
  /// The loss terms, for the progress line.
  fileprivate var news: String { StepNews(self).text }
}

extension StepNews {
  /// The loss terms, for a progress line.
  var text: String {
    "NLL \(Figures.decimal(hardLoss))" + (softLoss.map { ", KL \(Figures.decimal($0))" } ?? "")
  }
}

extension TrainingSummary {
  fileprivate init(_ outcome: TrainingRun.Outcome, run: String, profile: StepTimes?) {
    let state = outcome.state
    self.init(
      steps: state.step, tokens: state.tokens,
      tokensPerSecond: state.seconds > 0 ? Double(state.tokens) / state.seconds : 0,
      skippedSteps: state.skippedSteps, finalLoss: state.lastLoss,
      peakRssBytes: ProcessMemory.peakBytes, seconds: state.seconds,
      output: outcome.model ?? run, isInterrupted: outcome.isInterrupted,
      emittedCache: outcome.cache.map(CacheSummary.init),
      profile: profile.map(ProfileSummary.init))
  }
}
