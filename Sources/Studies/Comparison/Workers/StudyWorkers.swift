import Tensors
import Training

/// The workers that train the runs of a comparison.
package enum StudyWorkers: Sendable {
  /// In this process, one after the other.
  case inProcess
  /// In processes of their own, several at once.
  case processes(WorkerPool)
}

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

/// Trains runs in this process, one after the other.
struct LocalTraining {
  let version: String
  let command: [String]

  /// Trains runs; returns false where it was interrupted, with everything saved.
  func train(
    _ orders: [TrainingOrder], isInterrupted: () -> Bool, tell: (TrainingEvent) -> Void
  ) throws -> Bool {
    for order in orders {
      let name = order.run.name
      var step = order.run.madeSteps
      do {
        let outcome = try train(order, isInterrupted) { event in
          if case .step(_, let news) = event { step = news.step }
          tell(event)
        }
        if outcome.isInterrupted { return false }
      } catch {
        if let news = DivergenceNews(error) {
          tell(.diverged(run: name, try order.run.record(news, after: step)))
          continue
        }
        throw ComparisonError.run(name: name, reason: error)
      }
      tell(.ended(run: name))
      Pool.trim()
    }
    return true
  }

  private func train(
    _ order: TrainingOrder, _ isInterrupted: () -> Bool, _ tell: (TrainingEvent) -> Void
  ) throws -> TrainingRun.Outcome {
    let name = order.run.name
    let training = try TrainingRun.prepare(order.run.config, version: version, command: command)
    for note in training.notes { tell(.note(run: name, note)) }
    return try training.run(stopAt: order.stopAt, isInterrupted: isInterrupted) {
      tell(.step(run: name, StepNews($0)))
    }
  }
}
