/// Why training stopped.
public enum TrainingError: Error, Equatable {
  /// The loss or the gradient is no longer a number.
  case diverged(loss: Double, gradientNorm: Double)
  /// No prediction of the step counts in the loss.
  case nothingToLearn
  /// A live teacher could not say anything about a micro-batch, for a reason.
  case teacherFailed(reason: String)
}

extension TrainingError: CustomStringConvertible {
  /// One line: what happened and what to try.
  public var description: String {
    switch self {
    case .diverged(let loss, let norm):
      "training diverged: loss \(loss), gradient norm \(norm); lower training.learning_rate or "
        + "raise training.warmup_steps, and resume from the last checkpoint"
    case .nothingToLearn:
      "no prediction of the step counts in the loss: every token is masked; check the data's "
        + "prompt and completion"
    case .teacherFailed(let reason): "the live teacher failed: \(reason)"
    }
  }
}
