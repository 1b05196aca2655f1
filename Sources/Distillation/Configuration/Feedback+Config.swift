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
    case .lossRatio(let most): [.rule: .text(Name.lossRatio.rawValue), .most: .number(most)]
    case .plateau(let patience, let factor, let threshold):
      [
        .rule: .text(Name.plateau.rawValue), .patience: .integer(patience),
        .factor: .number(factor), .threshold: .number(threshold),
      ]
    case .gap: [.rule: .text(Name.gap.rawValue)]
    }
  }
}
