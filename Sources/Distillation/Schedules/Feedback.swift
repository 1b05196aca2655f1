/// What a run's own losses make of the teacher's weight.
///
/// The factor of a step is made of the steps before it, so that it is known before the step and the
/// same for every split into micro-batches.
public enum Feedback: Sendable, Equatable {
  /// CE / (T² D), both smoothed: the two terms, unweighted, are made equally large (whittle,
  /// ModelOpt), the factor being at most `most`.
  case lossRatio(most: Double)
  /// Times `factor` whenever the smoothed CE has not fallen by `threshold` nats for `patience` steps.
  case plateau(patience: Int, factor: Double, threshold: Double)
  /// The gap CE(student) − CE(teacher), smoothed, over its first value, within 0 and 1: the closer
  /// the student has come to the teacher, the more the labels say.
  case gap

  /// What it multiplies the weight with; 1 before the first step.
  func factor(_ history: LossHistory) -> Double {
    switch self {
    case .lossRatio(let most):
      guard let hard = history.hard, let soft = history.soft else { return 1 }
      // Means over sparse targets may come out below 0 where there is next to no divergence.
      return soft > 0 ? min(hard / soft, most) : most
    case .plateau: return history.plateauFactor
    case .gap:
      guard let gap = history.gap, let first = history.firstGap, first > 0 else { return 1 }
      return min(max(gap / first, 0), 1)
    }
  }
}
