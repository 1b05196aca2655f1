/// A run to be trained, and how far.
struct TrainingOrder: Sendable {
  /// The run.
  let run: StudyRun
  /// The steps after which it stops for now; nil trains it to its end.
  var stopAt: Int?

  /// The steps that it will have made.
  var goal: Int { min(stopAt ?? run.steps, run.steps) }
  /// Whether there is nothing to do.
  var isDone: Bool { !run.isOpen || (goal < run.steps && run.madeSteps >= goal) }
}

/// What is told while runs are trained.
enum TrainingEvent {
  /// Something to know about a run.
  case note(run: String, String)
  /// A run made a step.
  case step(run: String, StepNews)
  /// A run has come as far as it was to.
  case ended(run: String)
  /// A run diverged, in words.
  case diverged(run: String, String)
}

/// Where the runs of a comparison are trained.
package enum StudyWorkers: Sendable {
  /// In this process, one after the other.
  case inProcess
  /// In processes of their own, several at once.
  case processes(WorkerPool)
}
