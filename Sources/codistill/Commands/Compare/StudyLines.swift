import Reports
import Studies

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
