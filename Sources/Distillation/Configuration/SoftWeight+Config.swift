extension SoftWeight {
  enum Key: String, ConfigKey {
    case schedule, value, start, end, values, at, warmup, decay, token, feedback, maturity
  }

  /// The greatest weight where the label's term keeps its own: Weighted Soft Labels take 2.5.
  private static let most = 100.0

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let rule = try section[.token].map { node throws(ConfigError) in try TokenRule(node) }
    let feedback = try section[.feedback].map { node throws(ConfigError) in try Feedback(node) }
    let maturity = try section[.maturity].map { node throws(ConfigError) in
      try MaturityRule(node)
    }
    self.init(
      try WeightSchedule(section, most: rule == .weightedSoftLabels ? Self.most : 1),
      rule: rule ?? .uniform, feedback: feedback, maturity: maturity)
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedValue {
    var entries = schedule.resolved.map { ($0.rawValue, $1) }
    if rule != .uniform { entries.append((Key.token.rawValue, rule.resolved.value)) }
    if let feedback { entries.append((Key.feedback.rawValue, feedback.resolved.value)) }
    if let maturity { entries.append((Key.maturity.rawValue, maturity.resolved.value)) }
    return .section(entries.map { (key: $0, value: $1) })
  }
}
