import Foundation

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
