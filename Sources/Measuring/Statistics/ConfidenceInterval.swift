/// A 95 % confidence interval around a mean.
package struct ConfidenceInterval: Sendable, Equatable {
  /// The lower end.
  package var lower: Double
  /// The upper end.
  package var upper: Double

  /// An interval from its ends.
  package init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Student's interval of a mean of `count` values with this standard error; nil of one value.
  package init?(mean: Double, standardError: Double, count: Int) {
    guard count > 1 else { return nil }
    let t = StudentT(degreesOfFreedom: Double(count - 1)).quantile(0.975)
    self.init(lower: mean - t * standardError, upper: mean + t * standardError)
  }

  /// Half of its width: the number after ±.
  package var halfWidth: Double { (upper - lower) / 2 }
}
