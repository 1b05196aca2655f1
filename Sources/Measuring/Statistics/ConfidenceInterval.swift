/// A 95 % confidence interval around a mean.
public struct ConfidenceInterval: Codable, Sendable, Equatable {
  /// The lower end.
  public var lower: Double
  /// The upper end.
  public var upper: Double

  /// An interval from its ends.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Student's interval of a mean of `count` values with this standard error; nil of one value.
  public init?(mean: Double, standardError: Double, count: Int) {
    guard count > 1 else { return nil }
    let t = StudentT(degreesOfFreedom: Double(count - 1)).quantile(0.975)
    self.init(lower: mean - t * standardError, upper: mean + t * standardError)
  }

  /// Half of its width: the number after ±.
  public var halfWidth: Double { (upper - lower) / 2 }
}
