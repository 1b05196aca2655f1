import Foundation

/// How well a model predicts some text, and how close it is to a teacher.
public struct EvaluationReport: Sendable, Equatable {
  /// The number of predictions that count.
  public var tokens = 0
  /// The mean negative log-likelihood in nats.
  public var nll = 0.0
  /// The mean negative log-likelihood at each position of a window; nan where none counts.
  public var nllByPosition: [Double] = []
  /// The expected calibration error of the most probable token, over 15 equal bins.
  public var calibrationError = 0.0
  /// The comparison with a teacher, if there was one.
  public var teacher: TeacherComparison?

  /// e to the mean negative log-likelihood.
  public var perplexity: Double { exp(nll) }
}

/// How close a model is to a teacher over some predictions, both at the temperature of the capture
/// where the targets are stored ones.
public struct TeacherComparison: Sendable, Equatable {
  /// The mean of KL(teacher ‖ model) in nats, or of a lower bound of it.
  public var kl: Double
  /// Whether it is a lower bound: truncated (top-k) targets tell nothing of the tail but its mass,
  /// so that all of it is one class.
  public var klIsLowerBound: Bool
  /// The standard error of that mean, over predictions.
  public var klStandardError: Double
  /// The share of predictions where both find the same token most probable.
  public var top1Agreement: Double
  /// The mean of Σ min(p, q): the share of drafted tokens that speculative decoding would accept.
  ///
  /// Sparse targets cannot say it (DESIGN §5) and give nil; see `acceptanceUpperBound`.
  public var acceptance: Double?
  /// The acceptance when all tokens outside the teacher's exact head are taken as one; nil for
  /// random draws, which have none.
  public var acceptanceUpperBound: Double?
}
