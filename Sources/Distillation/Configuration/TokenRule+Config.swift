extension TokenRule {
  enum Key: String, ConfigKey {
    case rule, favor, power, otherwise, alpha, easy
  }

  private enum Name: String, CaseIterable {
    case uniform
    case teacherEntropy = "teacher_entropy"
    case trueTokenProbability = "true_token_probability"
    case teacherRight = "teacher_right"
    case weightedSoftLabels = "wsl"
    case adaptive = "atkd"

    /// The keys that the rule reads.
    var keys: [Key] {
      switch self {
      case .uniform, .weightedSoftLabels: []
      case .teacherEntropy: [.favor, .power]
      case .trueTokenProbability: [.power]
      case .teacherRight: [.otherwise]
      case .adaptive: [.alpha, .easy]
      }
    }
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let name = try section.choice(.rule, of: Name.self)
    try section.requireOnly(
      name.keys, of: [.favor, .power, .otherwise, .alpha, .easy], for: "the rule \(name.rawValue)")
    let share = ValueLimit.within(0.0...1.0)
    let power = try section.optionalNumber(.power, .above(0)) ?? 1
    switch name {
    case .uniform: self = .uniform
    case .teacherEntropy:
      let favor = try section.optionalChoice(.favor, of: Favor.self) ?? .sure
      self = .teacherEntropy(favor: favor, power: power)
    case .trueTokenProbability: self = .trueTokenProbability(power: power)
    case .teacherRight:
      self = .teacherRight(otherwise: try section.optionalNumber(.otherwise, share) ?? 0)
    case .weightedSoftLabels: self = .weightedSoftLabels
    case .adaptive:
      self = .adaptive(
        alpha: try section.optionalNumber(.alpha, share) ?? 0.2,
        easy: try section.optionalNumber(.easy, share) ?? 0.5)
    }
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    switch self {
    case .uniform: [.rule: .text(Name.uniform.rawValue)]
    case .teacherEntropy(let favor, let power):
      [
        .rule: .text(Name.teacherEntropy.rawValue), .favor: .text(favor.rawValue),
        .power: .number(power),
      ]
    case .trueTokenProbability(let power):
      [.rule: .text(Name.trueTokenProbability.rawValue), .power: .number(power)]
    case .teacherRight(let otherwise):
      [.rule: .text(Name.teacherRight.rawValue), .otherwise: .number(otherwise)]
    case .weightedSoftLabels: [.rule: .text(Name.weightedSoftLabels.rawValue)]
    case .adaptive(let alpha, let easy):
      [.rule: .text(Name.adaptive.rawValue), .alpha: .number(alpha), .easy: .number(easy)]
    }
  }
}
