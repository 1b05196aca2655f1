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

/// An event in the training of runs.
enum TrainingEvent {
  /// A remark on a run.
  case note(run: String, String)
  /// A run made a step.
  case step(run: String, StepNews)
  /// A run has made all the steps of its order.
  case ended(run: String)
  /// A run diverged, in words.
  case diverged(run: String, String)
}

/// The workers that train the runs of a comparison.
package enum StudyWorkers: Sendable {
  /// In this process, one after the other.
  case inProcess
  /// In processes of their own, several at once.
  case processes(WorkerPool)
}
