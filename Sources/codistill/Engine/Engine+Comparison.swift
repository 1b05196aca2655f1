import Base
import Foundation
import Models
import Reports
import Studies
import Tensors
import Training

/// What is compared, and how much of the machine that may take.
struct ComparisonRequest {
  /// The config.
  var config: ComparisonConfig
  /// The trainings at once.
  var jobs: Int
  /// The most seconds that the estimate may say; nil sets no limit.
  var maxSeconds: Double?
}

extension Engine {
  /// Trains and measures the runs of a comparison, and writes what came out into its folder.
  static func compare(_ request: ComparisonRequest) throws -> ComparisonSummary {
    let comparison = try Comparison(
      request.config, version: Version.current, command: CommandLineText.words)
    for note in comparison.notes { Terminal.tell(note) }
    let lines = StudyLines()
    let outcome = try comparison.run(
      try workers(request, comparison), isInterrupted: { Interruption.isRequested },
      progress: lines.show)
    lines.finish()
    guard case .finished(let result) = outcome else {
      throw CommandError.interrupted(resume: CommandLineText.quoted)
    }
    let summary = try ComparisonSummary(result)
    try summary.write(to: request.config.output)
    try writeReport(result, summary, of: request.config)
    return summary
  }

  /// Says what is left, and where that is trained: in processes where there are several at once.
  private static func workers(
    _ request: ComparisonRequest, _ comparison: Comparison
  ) throws -> StudyWorkers {
    let memory = MemoryFacts.current.usable
    guard let plan = try comparison.plan(memory: memory) else { return .inProcess }
    Terminal.tell(plan.text)
    try MemoryShortage.check("the largest run", needs: plan.neededBytes, of: memory)
    try MemoryShortage.check(
      "measuring the largest student, with the teacher beside it,", needs: plan.measuringBytes,
      of: memory)
    try plan.require(seconds: request.maxSeconds)
    guard request.jobs > 1 else { return .inProcess }
    let jobs = plan.jobs(request.jobs, memory: memory)
    if jobs < min(request.jobs, plan.openRuns) {
      Console.note(
        "\(jobs) at once, not \(request.jobs): a run needs about \(Figures.bytes(plan.peakBytes)) "
          + "of the \(Figures.bytes(memory)) that are free")
    }
    guard jobs > 1 else { return .inProcess }
    return .processes(
      WorkerPool(
        executable: "/proc/self/exe", jobs: jobs, threads: max(1, Parallel.threadCount / jobs)))
  }
}

extension StudyPlan {
  /// What is left, and how long that takes, on one line.
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

/// What is shown while a comparison works: one line at a time.
private final class StudyLines {
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
  /// What was decided, on one line.
  fileprivate var text: String {
    let names = stopped.joined(separator: ", ")
    let going = standings.count - stopped.count
    return "after \(Figures.percent(share)) of the steps: "
      + (stopped.isEmpty ? "no arm stops" : "\(names) stopped, \(going) go on")
  }
}
