import Base

/// The distribution that the divergence is measured from. (`loss.target`)
public enum TargetConfig: Sendable, Equatable {
  /// The teacher's distribution.
  case teacher
  /// The teacher's distribution, mixed with the label where it prefers another token.
  case corrected(margin: Double)
  /// A mixture of the student's own distribution and the teacher's, more and more the latter.
  case interpolated(Interpolation)
}

extension TargetConfig {
  enum Key: String, ConfigKey {
    case kind, margin, start, end, rate, momentum
  }

  private enum Name: String, CaseIterable {
    case teacher, corrected, taid

    /// The keys that the target reads.
    var keys: [Key] {
      switch self {
      case .teacher: []
      case .corrected: [.margin]
      case .taid: [.start, .end, .rate, .momentum]
      }
    }
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let name = try section.choice(.kind, of: Name.self)
    try section.requireOnly(
      name.keys, of: Name.allCases.flatMap(\.keys), for: "the target \(name.rawValue)")
    switch name {
    case .teacher: self = .teacher
    case .corrected:
      let margin = ValueLimit<Double>(description: "from 0 to below 1") { $0 >= 0 && $0 < 1 }
      self = .corrected(margin: try section.optionalNumber(.margin, margin) ?? 0.2)
    case .taid: self = .interpolated(try Interpolation(section))
    }
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    switch self {
    case .teacher: [.kind: .string(Name.teacher.rawValue)]
    case .corrected(let margin):
      [.kind: .string(Name.corrected.rawValue), .margin: .double(margin)]
    case .interpolated(let rule):
      [
        .kind: .string(Name.taid.rawValue), .start: .double(rule.start), .end: .double(rule.end),
        .rate: .double(rule.rate), .momentum: .double(rule.momentum),
      ]
    }
  }
}

extension Interpolation {
  fileprivate init(_ section: ConfigSection<TargetConfig.Key>) throws(ConfigError) {
    self.init()
    let share = ValueLimit.within(0.0...1.0)
    start = try section.optionalNumber(.start, share) ?? start
    end = try section.optionalNumber(.end, share) ?? end
    rate = try section.optionalNumber(.rate, share) ?? rate
    momentum = try section.optionalNumber(.momentum, share) ?? momentum
    guard start <= end else {
      throw section.conflict(.start, "the target goes from the student to the teacher: start ≤ end")
    }
  }
}
