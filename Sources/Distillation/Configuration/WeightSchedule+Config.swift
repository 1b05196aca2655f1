extension WeightSchedule {
  private enum Name: String, CaseIterable {
    case constant, linear, cosine, step
    case warmupStableDecay = "warmup_stable_decay"

    /// The keys that the schedule reads.
    var keys: [SoftWeight.Key] {
      switch self {
      case .constant: [.value]
      case .linear, .cosine: [.start, .end]
      case .step: [.values, .at]
      case .warmupStableDecay: [.value, .warmup, .decay]
      }
    }
  }

  /// The schedule of a section, whose weights are from 0 to a greatest one.
  init(
    _ section: ConfigSection<SoftWeight.Key>, most: Double
  ) throws(ConfigError) {
    let name = try section.optionalChoice(.schedule, of: Name.self) ?? .constant
    try section.requireOnly(
      name.keys, of: Name.allCases.flatMap(\.keys), for: "the schedule \(name.rawValue)")
    let weight = ValueLimit.within(0.0...most)
    switch name {
    case .constant: self = .constant(try section.number(.value, weight))
    case .linear:
      self = .linear(
        start: try section.number(.start, weight), end: try section.number(.end, weight))
    case .cosine:
      self = .cosine(
        start: try section.number(.start, weight), end: try section.number(.end, weight))
    case .step: self = try Self.step(section, weight)
    case .warmupStableDecay: self = try Self.warmupStableDecay(section, weight)
    }
  }

  private static func step(
    _ section: ConfigSection<SoftWeight.Key>, _ weight: ValueLimit<Double>
  ) throws(ConfigError) -> WeightSchedule {
    let values = try section.required(.values).numbers(weight)
    let at = try section.required(.at).numbers(.within(0.0...1.0))
    guard values.count == at.count + 1, at == at.sorted(), Set(at).count == at.count else {
      throw section.conflict(
        .at,
        "'at' lists the ascending shares of the run where each next one of 'values' begins; "
          + "\(values.count) values need \(values.count - 1) of them, found \(at.count)")
    }
    return .step(values: values, at: at)
  }

  private static func warmupStableDecay(
    _ section: ConfigSection<SoftWeight.Key>, _ weight: ValueLimit<Double>
  ) throws(ConfigError) -> WeightSchedule {
    let share = ValueLimit.within(0.0...1.0)
    let warmup = try section.optionalNumber(.warmup, share) ?? defaultWarmup
    let decay = try section.optionalNumber(.decay, share) ?? defaultDecay
    guard warmup + decay <= 1 else {
      throw section.conflict(.warmup, "warmup and decay are shares of the run; their sum exceeds 1")
    }
    let maximum = try section.number(.value, weight)
    return .warmupStableDecay(maximum: maximum, warmup: warmup, decay: decay)
  }

  /// Its keys as they are written into a run directory.
  var resolved: [(SoftWeight.Key, ResolvedValue)] {
    switch self {
    case .constant(let value):
      [(.schedule, .text(Name.constant.rawValue)), (.value, .number(value))]
    case .linear(let start, let end):
      [
        (.schedule, .text(Name.linear.rawValue)), (.start, .number(start)), (.end, .number(end)),
      ]
    case .cosine(let start, let end):
      [
        (.schedule, .text(Name.cosine.rawValue)), (.start, .number(start)), (.end, .number(end)),
      ]
    case .step(let values, let at):
      [
        (.schedule, .text(Name.step.rawValue)), (.values, .list(values.map { .number($0) })),
        (.at, .list(at.map { .number($0) })),
      ]
    case .warmupStableDecay(let maximum, let warmup, let decay):
      [
        (.schedule, .text(Name.warmupStableDecay.rawValue)), (.value, .number(maximum)),
        (.warmup, .number(warmup)), (.decay, .number(decay)),
      ]
    }
  }
}
