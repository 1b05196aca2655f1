package import Base

/// The reason why training stopped.
public enum TrainingError: Error, Equatable {
  /// The loss or the gradient is no longer a number.
  case diverged(loss: Double, gradientNorm: Double)
  /// A part of the model is not a number after an update, or is too large to compute with.
  case notFinite(String)
  /// In all of the steps, no prediction counted in the loss.
  case nothingToLearn(steps: Int)
  /// The live teacher failed on a micro-batch.
  case teacherFailed(reason: String)
}

extension TrainingError: CustomStringConvertible {
  private static let remedy =
    "lower training.learning_rate or raise training.warmup_steps, in another output"

  /// One line: what happened and what to try.
  public var description: String {
    switch self {
    case .diverged(let loss, let norm):
      // The sign of a number that is none tells nothing.
      "training diverged: loss \(loss.isNaN ? .nan : loss), "
        + "gradient norm \(norm.isNaN ? .nan : norm); \(Self.remedy)"
    case .notFinite(let what):
      "training diverged: \(what) is no number, or too large to compute with, after the last update; \(Self.remedy)"
    case .nothingToLearn(let steps):
      "nothing counted in any of \(steps) steps: masks or weights of 0 cover every prediction (the "
        + "sequences are in metrics.jsonl); check the data's prompts and completions, and loss"
    case .teacherFailed(let reason): "the live teacher failed: \(reason)"
    }
  }
}

extension TrainingError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}
