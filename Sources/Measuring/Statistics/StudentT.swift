import Foundation

/// Student's t distribution: what a mean's error over its standard error follows when the latter is
/// itself estimated from few values.
package struct StudentT: Sendable, Equatable {
  /// The degrees of freedom, at least 1.
  package let degreesOfFreedom: Double

  /// The distribution of these degrees of freedom.
  package init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom >= 1, "\(degreesOfFreedom) degrees of freedom")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// P(|T| ≥ |t|): the two-sided p of a t.
  package func twoSided(_ t: Double) -> Double {
    guard !t.isNaN else { return .nan }
    guard t.isFinite else { return 0 }
    // Both shares of ν + t², written such that t² may overflow.
    let ratio = t / degreesOfFreedom.squareRoot() * (t / degreesOfFreedom.squareRoot())
    return IncompleteBeta.regularized(
      x: 1 / (1 + ratio), rest: ratio.isInfinite ? 1 : ratio / (1 + ratio),
      degreesOfFreedom / 2, 0.5)
  }

  /// The t with P(T ≤ t) = probability; infinite at 0 and 1, nan outside of them.
  package func quantile(_ probability: Double) -> Double {
    guard probability >= 0, probability <= 1 else { return .nan }
    guard probability != 0.5 else { return 0 }
    let isLower = probability < 0.5
    let t = magnitude(twoSided: 2 * (isLower ? probability : 1 - probability))
    return isLower ? -t : t
  }

  /// The t > 0 with P(|T| ≥ t) = p, by halving a bracket until it holds no other number.
  private func magnitude(twoSided p: Double) -> Double {
    guard p > 0 else { return .infinity }
    var (low, high) = (0.0, 1.0)
    while twoSided(high) > p, high.isFinite { (low, high) = (high, 2 * high) }
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { return middle }
      if twoSided(middle) > p { low = middle } else { high = middle }
    }
  }
}

/// A 95 % confidence interval around a mean.
package struct ConfidenceInterval: Sendable, Equatable {
  /// The lower end.
  package var lower: Double
  /// The upper end.
  package var upper: Double

  /// Half of its width: the number after ±.
  package var halfWidth: Double { (upper - lower) / 2 }
}

extension ConfidenceInterval {
  /// Student's interval of a mean of `count` values with this standard error; nil of one value.
  package init?(mean: Double, standardError: Double, count: Int) {
    guard count > 1 else { return nil }
    let t = StudentT(degreesOfFreedom: Double(count - 1)).quantile(0.975)
    self.init(lower: mean - t * standardError, upper: mean + t * standardError)
  }
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22).
enum IncompleteBeta {
  /// I_x(a, b), for a, b > 0 and 0 ≤ x ≤ 1; `rest` is 1 − x, which near 1 is known better than by
  /// subtraction.
  static func regularized(x: Double, rest: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if rest <= 0 { return 1 }
    // The fraction converges quickly on this side of the mean alone.
    guard x <= (a + 1) / (a + b + 2) else { return 1 - regularized(x: rest, rest: x, b, a) }
    let logScale = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(rest)
    return exp(logScale) / a / fraction(x, a, b)
  }

  /// 1 + d₁/(1 + d₂/(1 + …)) by Lentz's method.
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    var (value, numerator, denominator) = (1.0, 1.0, 0.0)
    for n in 1...10_000 {
      let d = coefficient(n, x, a, b)
      denominator = 1 / nonzero(1 + d * denominator, tiny)
      numerator = nonzero(1 + d / numerator, tiny)
      let change = numerator * denominator
      value *= change
      if abs(change - 1) < 1e-16 { break }
    }
    return value
  }

  private static func coefficient(_ n: Int, _ x: Double, _ a: Double, _ b: Double) -> Double {
    let m = Double(n / 2)
    if n % 2 == 0 { return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)) }
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
  }

  private static func nonzero(_ value: Double, _ tiny: Double) -> Double {
    abs(value) < tiny ? tiny : value
  }

  private static func logGamma(_ value: Double) -> Double { lgamma(value) }
}
