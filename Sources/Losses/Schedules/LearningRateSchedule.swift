import Foundation

/// The learning rate of each step.
///
/// With s the step from 0, n the steps, w those of the warm-up, d those of the decay, m the least
/// share of the peak, and for s ≥ w the progress p = (s − w) / (n − w), the share of the peak is
///
///     s < w               (s + 1) / (w + 1)
///     constant            1
///     linear              1 − (1 − m) p
///     cosine              m + (1 − m) (1 + cos πp) / 2
///     warmup_stable_decay 1 − (1 − m) (s − (n − d)) / d     from s = n − d, 1 before
///
/// Neither end is wasted: the first step already moves, and the last one stays above m.
/// Warm-up-stable-decay: MiniCPM (arXiv 2404.06395) §4; with a soft weight of the same shape the
/// best of Pre-training Distillation (arXiv 2410.16215).
///
/// ```swift
/// let schedule = LearningRateSchedule(
///   kind: .cosine, peak: 1e-3, totalSteps: 1_000, warmupSteps: 99)
/// schedule.rate(step: 0)  // 1e-5
/// schedule.rate(step: 99)  // 1e-3, the peak
/// let norm = optimizer.update(
///   student.parameters, learningRate: Float(schedule.rate(step: step)))
/// ```
public struct LearningRateSchedule: Sendable, Equatable {
  /// The shape after the warm-up, by Hugging Face's names.
  public enum Kind: String, Sendable, CaseIterable {
    /// The peak to the end.
    case constant
    /// A straight line down.
    case linear
    /// Half a cosine down.
    case cosine
    /// The peak, then a straight line down over the last steps.
    case warmupStableDecay = "warmup_stable_decay"
  }

  /// The shape after the warm-up.
  public var kind: Kind
  /// The greatest learning rate.
  public var peak: Double
  /// n, the steps of the run.
  public var totalSteps: Int
  /// w, the steps of the warm-up.
  public var warmupSteps: Int
  /// d, the steps of the decay of `warmupStableDecay`.
  public var decaySteps: Int
  /// m, the share of the peak that a decay ends at.
  public var minimumRatio: Double

  /// A schedule from its parts.
  public init(
    kind: Kind, peak: Double, totalSteps: Int, warmupSteps: Int = 0, decaySteps: Int = 0,
    minimumRatio: Double = 0
  ) {
    self.kind = kind
    self.peak = peak
    self.totalSteps = totalSteps
    self.warmupSteps = warmupSteps
    self.decaySteps = decaySteps
    self.minimumRatio = minimumRatio
  }

  /// The learning rate of a step, counted from 0.
  public func rate(step: Int) -> Double { peak * share(step: step) }

  private func share(step: Int) -> Double {
    if step < warmupSteps { return Double(step + 1) / Double(warmupSteps + 1) }
    switch kind {
    case .constant: return 1
    case .linear: return descend(progress(step, from: warmupSteps))
    case .cosine: return descend((1 - cos(.pi * progress(step, from: warmupSteps))) / 2)
    case .warmupStableDecay: return descend(progress(step, from: totalSteps - decaySteps))
    }
  }

  /// The progress of a step between a first one and the end, from 0 to 1.
  private func progress(_ step: Int, from first: Int) -> Double {
    guard step > first else { return 0 }
    return min(Double(step - first) / Double(max(totalSteps - first, 1)), 1)
  }

  private func descend(_ fraction: Double) -> Double { 1 - (1 - minimumRatio) * fraction }
}
