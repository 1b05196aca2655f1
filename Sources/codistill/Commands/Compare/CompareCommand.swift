import ArgumentParser
import Base
import Foundation
import Models
import Reports
import Studies
import StudyPage
import Training

/// `codistill compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train many runs on the same data, measure them on the same text, and rank them.",
    discussion: """
      The config names the runs: `runs`, a list of configs; or `base`, one config, with `grid`, \
      axes of named changes whose every combination is an arm, or `arms`, a list of named changes. \
      With `seeds`, every arm is trained with each: the runs of a seed see the same data in the \
      same order and begin with the same weights, so that their differences are paired. A winner \
      is claimed from five seeds on.

      What is finished is neither trained nor measured again; a run that diverges is named, ranked \
      last and not tried again. The output folder holds every run, with an event file for \
      TensorBoard in it; report.html, a page that needs nothing else, and its figures ranking.svg, \
      held-out.svg, positions.svg and, with a baseline and several texts, sets.svg; \
      comparison.json, runs.csv and arms.csv; and teacher.json, the teacher's own figures on the \
      same text.

      Example:
        codistill compare configs/compare/schedules.yaml --jobs 2 --max-seconds 900
        codistill compare configs/smollm2/demo.yaml output=runs/compare --json
      """)

  @Argument(help: "The config, a YAML file.")
  var config: String
  @Argument(help: "Changes to the config: key=value, with dots between the keys.")
  var overrides: [String] = []
  @Option(help: "How many runs to train at once, as far as the memory allows (default: 1).")
  var jobs: Int?
  @Option(help: "Refuse to begin where the estimate is longer than so many seconds.")
  var maxSeconds: Double?
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try Limits.within(1...1024, jobs, "--jobs")
    if let maxSeconds { try Limits.positive(maxSeconds, "--max-seconds") }
  }

  func run() throws {
    let config = try ComparisonConfig.read(file: config, overrides: overrides)
    machine.apply()
    Interruption.listen()
    let report = try StudyReport(try study(config))
    try report.write(to: config.output)
    try draw(report, of: config)
    try Console.result(report, asJSON: format.json) { report.text }
  }

  /// Trains and measures the runs of a comparison.
  private func study(_ config: ComparisonConfig) throws -> StudyResult {
    let comparison = try Comparison(
      config, version: Version.current, command: CommandLineText.words)
    for note in comparison.notes { Terminal.tell(note) }
    let lines = StudyLines()
    let outcome = try comparison.run(
      try workers(config, comparison), isInterrupted: { Interruption.isRequested },
      progress: lines.show)
    lines.finish()
    guard case .finished(let result) = outcome else {
      throw CommandError.interrupted(resume: CommandLineText.quoted)
    }
    return result
  }

  /// Tells what is left, and returns the workers for it: processes where there are several at once.
  private func workers(
    _ config: ComparisonConfig, _ comparison: Comparison
  ) throws -> StudyWorkers {
    let memory = MemoryFacts.current.usable
    guard let plan = try comparison.plan(memory: memory) else { return .inProcess }
    Terminal.tell(plan.text)
    try MemoryShortage.check("the largest run", needs: plan.neededBytes, of: memory)
    try MemoryShortage.check(
      "measuring the largest student, with the teacher beside it,", needs: plan.measuringBytes,
      of: memory)
    try plan.require(seconds: maxSeconds ?? config.maxSeconds)
    let wanted = jobs ?? config.jobs
    guard wanted > 1 else { return .inProcess }
    let jobs = plan.jobs(wanted, memory: memory)
    if jobs < min(wanted, plan.openRuns) {
      Console.note(
        "\(jobs) at once, not \(wanted): a run needs about \(Figures.bytes(plan.peakBytes)) "
          + "of the \(Figures.bytes(memory)) that are free")
    }
    guard jobs > 1 else { return .inProcess }
    return .processes(
      WorkerPool(
        executable: "/proc/self/exe", jobs: jobs, threads: max(1, Parallel.threadCount / jobs)))
  }

  /// Writes the page, its figures, and what TensorBoard shows of each run.
  private func draw(_ report: StudyReport, of config: ComparisonConfig) throws {
    let study = try Study(
      report, of: config, version: Version.current, command: CommandLineText.quoted)
    try AtomicFile.write(StudyPage(study).html, to: config.output + "/report.html")
    try write(StudyPictures(study), to: config.output)
    let stopped = report.result.stopped.flatMap(\.rows)
    for row in report.result.rows + stopped { try RunEvents(folder: row.folder).write() }
  }

  /// Writes the figures that there are, and removes those that there are no longer.
  private func write(_ pictures: StudyPictures, to folder: String) throws {
    try AtomicFile.write(pictures.ranking, to: folder + "/ranking.svg")
    for (name, svg) in [
      ("held-out", pictures.heldOut), ("positions", pictures.positions), ("sets", pictures.sets),
    ] {
      let path = "\(folder)/\(name).svg"
      if let svg {
        try AtomicFile.write(svg, to: path)
      } else if FileManager.default.fileExists(atPath: path) {
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }
}

/// The lines shown while a comparison works, one at a time.
final class StudyLines {
  private var line: (label: String, progress: ProgressLine)?
  private var measured = 0

  /// Shows a stage.
  func show(_ stage: Comparison.Stage) {
    switch stage {
    case .note(let run, let note): tell("\(run): \(note)")
    case .training(let run, let news, let study): show(run, news, study)
    case .measuring(let run):
      measured += 1
      progress("measuring", total: nil, unit: "runs").update(done: measured, news: run)
    case .halved(let round): tell(round.text)
    }
  }

  /// Clears the line.
  func finish() {
    line?.progress.finish()
    line = nil
  }

  private func show(_ run: String, _ news: StepNews, _ study: StudyProgress) {
    let others = study.active.count - 1
    let names = run + (others > 0 ? " and \(others) more" : "")
    progress("training", total: study.totalSteps, unit: "steps").update(
      done: study.steps, news: "\(study.runs)/\(study.totalRuns) runs, \(names), \(news.text)")
  }

  private func progress(_ label: String, total: Int?, unit: String) -> ProgressLine {
    let key = "\(label) \(total ?? 0)"
    if let line, line.label == key { return line.progress }
    finish()
    let progress = ProgressLine(label, total: total, unit: unit)
    line = (key, progress)
    return progress
  }

  private func tell(_ text: String) {
    finish()
    Terminal.tell(text)
  }
}

extension HalvingRound {
  /// The decision, on one line.
  fileprivate var text: String {
    let names = stopped.joined(separator: ", ")
    let going = standings.count - stopped.count
    return "after \(Figures.percent(share)) of the steps: "
      + (stopped.isEmpty ? "no arm stops" : "\(names) stopped, \(going) go on")
  }
}

extension StudyPlan {
  /// The work that is left, and the time it takes, on one line.
  var text: String {
    let work =
      if openRuns == runs, let stepsPerRun, stepsPerRun * runs == steps {
        "\(runs) runs × \(stepsPerRun) steps"
      } else {
        "\(openRuns) of \(runs) runs open, \(steps) steps"
      }
    return "\(work); \(isMeasured ? "about" : "at least") \(Figures.duration(seconds: seconds)) "
      + "at \(Figures.count(tokensPerSecond)) tokens/s"
  }

  /// Throws where the estimate is longer than the user allows.
  func require(seconds limit: Double?) throws {
    guard let limit, seconds > limit else { return }
    throw CommandError.tooLong(
      "\(text), which is more than max_seconds allows (\(Figures.duration(seconds: limit))); "
        + "take fewer runs or steps, or raise it")
  }
}
