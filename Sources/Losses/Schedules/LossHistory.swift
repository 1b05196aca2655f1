/// The memory that feedback has of a run's losses; a part of its checkpoints.
public struct LossHistory: Codable, Sendable, Equatable {
  private static let smoothing = 0.9

  /// The smoothed cross-entropy of the labels, in nats.
  public internal(set) var hard: Double?
  /// The smoothed term of the teacher, T² D, unweighted.
  public internal(set) var soft: Double?
  /// The smoothed CE(student) − CE(teacher).
  public internal(set) var gap: Double?
  /// The first gap.
  public internal(set) var firstGap: Double?
  /// The product of the factors of all plateaus so far.
  public internal(set) var plateauFactor = 1.0
  /// The smoothed cross-entropy that a plateau is measured from: the least since the last plateau.
  public internal(set) var best: Double?
  /// The steps since then.
  public internal(set) var stepsSinceBest = 0
  /// The interpolated target's share of the teacher.
  public internal(set) var share: Double?
  /// The smoothed relative fall of the interpolated loss.
  public internal(set) var momentum = 0.0
  /// The interpolated loss of the last step.
  public internal(set) var lastSoft: Double?

  /// The history before the first step.
  package init() {}

  /// Records the losses of a step.
  ///
  /// - Parameters:
  ///   - sums: The step's sums.
  ///   - temperature: T, whose square the teacher's term carries.
  ///   - feedback: The feedback that the history serves.
  ///   - interpolation: The rule of the target's share, if it grows, and the share of the step.
  package mutating func record(
    _ sums: LossSums, temperature: Double, _ feedback: Feedback?,
    _ interpolation: (rule: Interpolation, share: Double)?
  ) {
    guard sums.count > 0 else { return }
    let count = Double(sums.count)
    let (hardMean, softMean) = (sums.hard / count, temperature * temperature * sums.soft / count)
    hard = Self.smoothed(hard, hardMean)
    soft = Self.smoothed(soft, softMean)
    gap = Self.smoothed(gap, hardMean - sums.teacherHard / count)
    firstGap = firstGap ?? gap
    if case .plateau(let patience, let factor, let threshold) = feedback {
      watchPlateau(patience, factor, threshold)
    }
    if let (rule, share) = interpolation {
      self.share = rule.grown(from: share, &self, loss: softMean)
    }
  }

  private mutating func watchPlateau(_ patience: Int, _ factor: Double, _ threshold: Double) {
    guard let hard else { return }
    stepsSinceBest += 1
    if best.map({ hard < $0 - threshold }) ?? true { (best, stepsSinceBest) = (hard, 0) }
    guard stepsSinceBest >= patience else { return }
    plateauFactor *= factor
    best = hard
    stepsSinceBest = 0
  }

  private static func smoothed(_ old: Double?, _ new: Double) -> Double {
    old.map { smoothing * $0 + (1 - smoothing) * new } ?? new
  }
}
