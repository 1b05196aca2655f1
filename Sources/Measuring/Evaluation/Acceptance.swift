/// The share of drafted tokens that the teacher would accept at one prediction, as far as its
/// targets tell (docs/losses.md, "A student as a draft").
enum Acceptance {
  /// The share itself, or an estimate that is right on average.
  case known(Double)
  /// A share that is nowhere below, or not below on average, and above; nil where nothing says it.
  case between(Double, Double?)
}

/// Acceptances of several predictions, summed.
struct AcceptanceSum {
  private var least = 0.0
  private var most: Double? = 0
  private var isKnown = true

  mutating func add(_ acceptance: Acceptance) {
    switch acceptance {
    case .known(let value): self += AcceptanceSum(least: value, most: value, isKnown: true)
    case .between(let low, let high):
      self += AcceptanceSum(least: low, most: high, isKnown: false)
    }
  }

  static func += (left: inout AcceptanceSum, right: AcceptanceSum) {
    left.least += right.least
    left.most = left.most.flatMap { most in right.most.map { most + $0 } }
    left.isKnown = left.isKnown && right.isKnown
  }

  /// The sum, where all of its parts are known.
  var known: Double? { isKnown ? least : nil }
  /// What it is not below, where it is not known.
  var lowerBound: Double? { isKnown ? nil : least }
  /// What it is not above, where it is not known and no part lacks a bound.
  var upperBound: Double? { isKnown ? nil : most }
}
