import Reports
import Studies

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
