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

  /// P(T ≤ t).
  package func cumulative(_ t: Double) -> Double {
    let tail = twoSided(t) / 2
    return t < 0 ? tail : 1 - tail
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
