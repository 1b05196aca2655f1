import Base
import Foundation

/// The weight of the teacher's signal at each step, before feedback and the rule for single
/// predictions; the hard labels have 1 minus it.
///
/// With s the step from 0, n the steps, and p = s / (n − 1) the progress, so that both ends are
/// reached:
///
///     constant             a
///     linear               a₀ + (a₁ − a₀) p
///     cosine               a₁ + (a₀ − a₁) (1 + cos πp) / 2
///     step                 the first value before the first p of `at`, the next from there on, …
///     warmup_stable_decay  a · min(1, s / w, (n − 1 − s) / d),  w = ⌈warm-up · n⌉, d = ⌈decay · n⌉
///
/// The last is Pre-training Distillation's (arXiv 2410.16215, ACL 2025): +8.0 % over plain
/// language modelling with a = 0.9, a warm-up of 10 %, a decay of 1 % and a learning rate of the
/// same shape; a constant 0.9 gave +5.0 % there, 1 → 0 without that learning rate +4.1 %.
///
/// ```swift
/// let schedule = WeightSchedule.warmupStableDecay(maximum: 0.9)
/// schedule.weight(step: 0, of: 1_000)  // 0
/// schedule.weight(step: 50, of: 1_000)  // 0.45
/// schedule.weight(step: 500, of: 1_000)  // 0.9
/// schedule.weight(step: 999, of: 1_000)  // 0
/// ```
public enum WeightSchedule: Sendable, Equatable {
  /// One weight throughout.
  case constant(Double)
  /// A straight line from the first step to the last.
  case linear(start: Double, end: Double)
  /// Half a cosine from the first step to the last.
  case cosine(start: Double, end: Double)
  /// One value after another, each from a share of the run on; one more value than shares.
  case step(values: [Double], at: [Double])
  /// From 0 up to a greatest weight, and back to 0 at the end; both as shares of the run.
  case warmupStableDecay(
    maximum: Double, warmup: Double = defaultWarmup, decay: Double = defaultDecay)

  /// The published share of the run that warms up.
  public static let defaultWarmup = 0.1
  /// The published share of the run that decays.
  public static let defaultDecay = 0.01

  /// The weight at a step, counted from 0, of a run of some steps.
  public func weight(step: Int, of steps: Int) -> Double {
    let last = max(steps - 1, 0)
    let step = min(max(step, 0), last)
    let progress = last == 0 ? 0 : Double(step) / Double(last)
    switch self {
    case .constant(let value): return value
    case .linear(let start, let end): return start + (end - start) * progress
    case .cosine(let start, let end):
      return end + (start - end) * (1 + cos(.pi * progress)) / 2
    case .step(let values, let at): return values[at.count { $0 <= progress }]
    case .warmupStableDecay(let maximum, let warmup, let decay):
      let up = Self.ramp(step, over: warmup, of: steps)
      let down = Self.ramp(last - step, over: decay, of: steps)
      return maximum * min(up, down)
    }
  }

  /// Whether the weight is 0 at every step, however many there are.
  package var isZero: Bool {
    switch self {
    case .constant(let value): value == 0
    case .linear(let start, let end), .cosine(let start, let end): start == 0 && end == 0
    case .step(let values, _): values.allSatisfy { $0 == 0 }
    case .warmupStableDecay(let maximum, _, _): maximum == 0
    }
  }

  /// 0 at no distance from an end, 1 from a share of the run on; a share of 0 has no ramp.
  private static func ramp(_ distance: Int, over share: Double, of steps: Int) -> Double {
    // Less a hair: 0.07 · 100 is 7.000000000000001.
    let length = (share * Double(steps) - 1e-9).rounded(.up)
    return length > 0 ? min(Double(distance) / length, 1) : 1
  }
}

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
  var resolved: [(SoftWeight.Key, JSONValue)] {
    switch self {
    case .constant(let value):
      [(.schedule, .string(Name.constant.rawValue)), (.value, .double(value))]
    case .linear(let start, let end):
      [
        (.schedule, .string(Name.linear.rawValue)), (.start, .double(start)), (.end, .double(end)),
      ]
    case .cosine(let start, let end):
      [
        (.schedule, .string(Name.cosine.rawValue)), (.start, .double(start)), (.end, .double(end)),
      ]
    case .step(let values, let at):
      [
        (.schedule, .string(Name.step.rawValue)), (.values, .array(values.map { .double($0) })),
        (.at, .array(at.map { .double($0) })),
      ]
    case .warmupStableDecay(let maximum, let warmup, let decay):
      [
        (.schedule, .string(Name.warmupStableDecay.rawValue)), (.value, .double(maximum)),
        (.warmup, .double(warmup)), (.decay, .double(decay)),
      ]
    }
  }
}
