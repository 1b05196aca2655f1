import Foundation

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
