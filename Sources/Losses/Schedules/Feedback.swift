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
