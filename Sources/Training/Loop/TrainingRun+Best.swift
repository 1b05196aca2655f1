import Measuring
import Models

/// The best weights: kept where an evaluation finds them, and restored at the end.
extension TrainingRun {
  /// Keeps the student's weights, unless an evaluation before had as small a loss.
  ///
  /// They are written before any checkpoint that refers to them.
  func keepIfBest(_ report: EvaluationReport) throws {
    guard report.nll < state.best?.nll ?? .infinity else { return }
    state.best = BestEvaluation(step: state.step, nll: report.nll)
    bestEvaluation = report
    // After the last step nothing changes the student's own any more.
    guard state.step < config.training.steps else { return }
    try directory.writeCheckpoint(step: state.step, .best) { [trainer, tokenizer] folder in
      try trainer.student.save(to: folder + "/model", tokenizer: tokenizer)
    }
  }

  /// Whether so many evaluations in a row found no new least loss that the run ends.
  ///
  /// It is a function of the steps alone, so that nothing is counted twice when a run goes on.
  var isOutOfPatience: Bool {
    guard let best = state.best, let every = config.evaluation?.every,
      let patience = config.evaluation?.patience
    else { return false }
    return state.step / every - best.step / every >= patience
  }

  /// Gives the student the best weights, if the last are to be replaced by them.
  ///
  /// - Throws: `RunError.corrupt` where they are not what was written.
  func restoreBest() throws {
    guard let best = state.best, best.step < state.step else { return }
    let weights: RunCheckpoint
    do { weights = try directory.weights(of: best) } catch {
      throw RunError.corrupt(path: RunFiles(folder: directory.path).checkpoints, reason: "\(error)")
    }
    try trainer.student.load(Checkpoint.open(weights.path + "/model"))
  }

  /// Removes the best weights that neither the run nor a checkpoint refers to any more.
  ///
  /// Where a checkpoint cannot be read, nothing is known to be of no use.
  func removeUnusedBest(current: Int? = nil) throws {
    let checkpoints = directory.checkpoints.map { TrainingCheckpoint(folder: $0.path) }
    guard let states = try? checkpoints.map({ try $0.state() }) else { return }
    try directory.removeBest(
      except: Set((states.map(\.best?.step) + [current]).compactMap(\.self)))
  }
}
