import Base

/// A rule that adapts the teacher's weight to the run's own losses.
///
/// The factor of a step is made of the steps before it, so that it is known before the step and the
/// same for every split into micro-batches.
package enum Feedback: Sendable, Equatable {
  /// CE / (T² D), both smoothed: the two terms, unweighted, are made equally large (whittle,
  /// ModelOpt), the factor being at most `most`.
  case lossRatio(most: Double)
  /// Times `factor` whenever the smoothed CE has not fallen by `threshold` nats for `patience`
  /// steps.
  case plateau(patience: Int, factor: Double, threshold: Double)
  /// The gap CE(student) − CE(teacher), smoothed, over its first value, within 0 and 1: the closer
  /// the student has come to the teacher, the more the labels say.
  case gap

  /// The factor of the teacher's weight; 1 before the first step.
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

extension Feedback {
  enum Key: String, ConfigKey {
    case rule, most, patience, factor, threshold
  }

  private enum Name: String, CaseIterable {
    case lossRatio = "loss_ratio"
    case plateau, gap

    /// The keys that the rule reads.
    var keys: [Key] {
      switch self {
      case .lossRatio: [.most]
      case .plateau: [.patience, .factor, .threshold]
      case .gap: []
      }
    }
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let name = try section.choice(.rule, of: Name.self)
    try section.requireOnly(
      name.keys, of: Name.allCases.flatMap(\.keys), for: "the feedback \(name.rawValue)")
    switch name {
    case .lossRatio:
      self = .lossRatio(most: try section.optionalNumber(.most, .within(0.01...1000)) ?? 10)
    case .plateau:
      self = .plateau(
        patience: try section.optionalInteger(.patience, .count) ?? 20,
        factor: try section.optionalNumber(.factor, .within(0.0...1.0)) ?? 0.5,
        threshold: try section.optionalNumber(.threshold, .atLeast(0)) ?? 0.001)
    case .gap: self = .gap
    }
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    switch self {
    case .lossRatio(let most): [.rule: .string(Name.lossRatio.rawValue), .most: .double(most)]
    case .plateau(let patience, let factor, let threshold):
      [
        .rule: .string(Name.plateau.rawValue), .patience: .int(patience),
        .factor: .double(factor), .threshold: .double(threshold),
      ]
    case .gap: [.rule: .string(Name.gap.rawValue)]
    }
  }
}

/// The memory that feedback has of a run's losses; a part of its checkpoints.
public struct LossHistory: Codable, Sendable, Equatable {
  private static let smoothing = 0.9

  /// The smoothed cross-entropy of the labels, in nats.
  public internal(set) var hard: Double?
  /// The smoothed term of the teacher, T² D, unweighted.
  public internal(set) var soft: Double?
  /// The smoothed CE(student) − CE(teacher).
  package internal(set) var gap: Double?
  /// The first gap.
  package internal(set) var firstGap: Double?
  /// The product of the factors of all plateaus so far.
  package internal(set) var plateauFactor = 1.0
  /// The smoothed cross-entropy that a plateau is measured from: the least since the last plateau.
  public internal(set) var best: Double?
  /// The steps since then.
  package internal(set) var stepsSinceBest = 0
  /// The interpolated target's share of the teacher.
  public internal(set) var share: Double?
  /// The smoothed relative fall of the interpolated loss.
  package internal(set) var momentum = 0.0
  /// The interpolated loss of the last step.
  package internal(set) var lastSoft: Double?

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
