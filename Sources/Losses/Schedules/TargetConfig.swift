import Base
import Foundation

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

/// The share of the teacher in an interpolated target over the steps (TAID, arXiv 2501.16937).
///
/// It grows at least along a straight line, and faster while the loss falls:
///
///     δ = (J₋₁ − J) / J₋₁,  m ← β m + (1 − β) δ
///     share ← min(end, max(line, share + α σ(m) (1 − share)))
public struct Interpolation: Sendable, Equatable {
  /// The first share.
  public var start = 0.4
  /// The last share.
  public var end = 1.0
  /// α, the greatest growth of a step.
  public var rate = 5e-4
  /// β, the smoothing of δ.
  public var momentum = 0.99

  /// The published numbers.
  package init() {}

  /// The share at a step, counted from 0, of a run whose losses have gone as recorded.
  public func share(step: Int, of steps: Int, _ history: LossHistory) -> Double {
    min(end, max(line(step, of: steps), history.share ?? start))
  }

  /// Grows a share by the fall of the teacher's term, whose loss in this step it records.
  func grown(from share: Double, _ history: inout LossHistory, loss: Double) -> Double {
    // Near nothing, a relative fall is rounding noise.
    if let before = history.lastSoft, before > 1e-6 {
      let fall = (before - loss) / before
      history.momentum = momentum * history.momentum + (1 - momentum) * fall
    }
    history.lastSoft = loss
    return share + rate / (1 + exp(-history.momentum)) * (1 - share)
  }

  private func line(_ step: Int, of steps: Int) -> Double {
    start + (end - start) * Double(step) / Double(max(steps - 1, 1))
  }
}
