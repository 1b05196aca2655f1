extension WeightSchedule {
  enum Key: String, ConfigKey {
    case schedule, value, start, end, warmup, decay
  }

  private enum Name: String, CaseIterable {
    case constant, linear
    case warmupStableDecay = "warmup_stable_decay"

    /// The keys that the schedule reads.
    var keys: [Key] {
      switch self {
      case .constant: [.value]
      case .linear: [.start, .end]
      case .warmupStableDecay: [.value, .warmup, .decay]
      }
    }
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let name = try section.optionalChoice(.schedule, of: Name.self) ?? .constant
    for key in Key.allCases where key != .schedule && section[key] != nil {
      guard !name.keys.contains(key) else { continue }
      let takes = name.keys.map(\.rawValue).joined(separator: ", ")
      throw section.conflict(
        key,
        "'\(key.rawValue)' means nothing to the schedule \(name.rawValue), which takes \(takes)")
    }
    let weight = ValueLimit.within(0.0...1.0)
    switch name {
    case .constant:
      self = .constant(try section.number(.value, weight))
    case .linear:
      self = .linear(
        start: try section.number(.start, weight), end: try section.number(.end, weight))
    case .warmupStableDecay:
      self = try Self.warmupStableDecay(section, weight)
    }
  }

  private static func warmupStableDecay(
    _ section: ConfigSection<Key>, _ weight: ValueLimit<Double>
  ) throws(ConfigError) -> WeightSchedule {
    let warmup = try section.optionalNumber(.warmup, weight) ?? defaultWarmup
    let decay = try section.optionalNumber(.decay, weight) ?? defaultDecay
    guard warmup + decay <= 1 else {
      throw section.conflict(.warmup, "warmup and decay are shares of the run; their sum exceeds 1")
    }
    let maximum = try section.number(.value, weight)
    return .warmupStableDecay(maximum: maximum, warmup: warmup, decay: decay)
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    switch self {
    case .constant(let value):
      [.schedule: .text(Name.constant.rawValue), .value: .number(value)]
    case .linear(let start, let end):
      [
        .schedule: .text(Name.linear.rawValue), .start: .number(start), .end: .number(end),
      ]
    case .warmupStableDecay(let maximum, let warmup, let decay):
      [
        .schedule: .text(Name.warmupStableDecay.rawValue), .value: .number(maximum),
        .warmup: .number(warmup), .decay: .number(decay),
      ]
    }
  }
}
