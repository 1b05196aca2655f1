import ArgumentParser
import Base
import Reports
import Studies
import Tensors
import Training

/// The options of the commands that train.
struct TrainingOptions: ParsableArguments {
  @Argument(help: "The config, a YAML file.")
  var config: String
  @Argument(help: "Changes to the config: key=value, with dots between the keys.")
  var overrides: [String] = []
  @Option(help: "What everything random is drawn from (the same as training.seed=N).")
  var seed: Int?
  @Flag(help: "Print where the time of a step went, stage by stage, at the end.")
  var profile = false
  // How `compare` trains a run in a process of its own.
  @Flag(help: .hidden) var worker = false
  @Option(help: .hidden) var stopAt: Int?
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try Limits.atLeast(0, seed, "--seed")
    try Limits.within(1...1_000_000_000, stopAt, "--stop-at")
  }
}

extension TrainingOptions {
  /// Reads the config, trains, and prints the outcome.
  func run(_ kind: RunConfig.Kind, overrides more: [String] = []) throws {
    let seeds = seed.map { ["training.seed=\($0)"] } ?? []
    let config = try RunConfig.read(file: config, kind: kind, overrides: overrides + seeds + more)
    machine.apply()
    Interruption.listen()
    if worker { WorkerReport.endWithParent() }
    let profile = profile ? Profile() : nil
    let outcome = try train(config, profile)
    let times = profile?.times
    if let times, !format.json { Terminal.writeToStandardError(times.text + "\n") }
    let printed = Result { if !worker { try print(outcome, of: config, times) } }
    // A terminal that was closed takes no result; what counts then is that the run is saved.
    if outcome.isInterrupted { throw CommandError.interrupted(resume: CommandLineText.quoted) }
    try printed.get()
  }

  /// Trains a student, or goes on with it, until its last step or an interruption.
  ///
  /// With `stopAt`, it is saved after that many steps, and goes on another time. A worker tells its
  /// steps on standard output instead of showing them.
  private func train(_ config: RunConfig, _ profile: Profile?) throws -> TrainingRun.Outcome {
    let run = try TrainingRun.prepare(
      config, version: Version.current, command: CommandLineText.words,
      memory: MemoryFacts.current.usable)
    for note in run.notes { Terminal.tell(note) }
    let wasFinished = run.isFinished
    let line = ProgressLine("training", total: run.totalSteps, unit: "steps")
    var report = WorkerReport()
    let outcome = try WorkerReport.tellingDivergence(worker, config) {
      try run.run(profile: profile, stopAt: stopAt, isInterrupted: { Interruption.isRequested }) {
        let news = StepNews($0)
        if worker { report.tell(news) } else { line.update(done: $0.step, news: news.text) }
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
    return outcome
  }

  private func print(
    _ outcome: TrainingRun.Outcome, of config: RunConfig, _ times: StepTimes?
  ) throws {
    let state = outcome.state
    let rate = state.seconds > 0 ? Double(state.tokens) / state.seconds : 0
    let (peak, student) = (ProcessMemory.peakBytes, outcome.model ?? config.output)
    let cache = outcome.cache.map { CacheFigures($0) }
    let answer = Answer([
      "steps": state.step, "tokens": state.tokens, "tokensPerSecond": rate,
      "skippedSteps": state.skippedSteps, "finalLoss": state.lastLoss, "peakRssBytes": peak,
      "seconds": state.seconds, "output": student, "isInterrupted": outcome.isInterrupted,
      "emittedCache": cache, "profile": times, "bestStep": state.best?.step,
      "bestNll": state.best?.nll, "stoppedEarly": state.best.map { _ in outcome.isStoppedEarly },
    ])
    try Console.result(answer, asJSON: format.json) {
      """
      \(state.step) steps, \(Figures.count(state.tokens)) tokens in \
      \(Figures.duration(seconds: state.seconds)) (\(Figures.count(rate)) tokens/s), \
      final loss \(Figures.decimal(state.lastLoss)), peak memory \(Figures.bytes(peak))
      \(outcome.keptText.map { $0 + "\n" } ?? "")student: \(student)
      """ + (cache.map { "\n" + $0.text() } ?? "")
    }
  }
}

extension TrainingRun.Outcome {
  /// The weights that are kept, or that would be, and their held-out loss; nil where the last are.
  fileprivate var keptText: String? {
    state.best.map { best in
      "\(model == nil ? "best so far" : "kept"): step \(best.step), held-out NLL "
        + Figures.decimal(best.nll) + (isStoppedEarly ? "; stopped early" : "")
    }
  }
}

extension StepNews {
  /// The loss terms, for a progress line.
  var text: String {
    "NLL \(Figures.decimal(hardLoss))" + (softLoss.map { ", KL \(Figures.decimal($0))" } ?? "")
  }
}
