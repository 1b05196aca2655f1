extension MaturityRule {
  enum Key: String, ConfigKey {
    case power
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    self.init(power: try section.optionalNumber(.power, .within(0.0...100.0)) ?? 1)
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> { [.power: .number(power)] }
}
