import Foundation

/// The number of entries that threshold sampling keeps in expectation, as a function of τ.
///
/// At a position that is #(p ≥ τ) + (Σ of the other p) / τ, the argmax counted as certain: known
/// from the distribution alone, without a draw. Probabilities below the least τ that the format
/// holds matter only by their sum.
package struct ExpectedEntries: Sendable {
  /// The least τ that the format holds.
  static let leastThreshold = 1e-4

  /// The distributions' temperature.
  package let temperature: Double
  /// The number of positions.
  package private(set) var count = 0
  /// All probabilities from the least τ up, of all positions, without each position's largest.
  private var probabilities: [Double] = []
  /// The mass of everything but those and the largest ones.
  private var restMass = 0.0

  /// No positions yet.
  package init(temperature: Double) { self.temperature = temperature }

  /// Adds the position whose logits these are.
  ///
  /// - Throws: `invalidLogits` if the row holds NaN or +infinity.
  package mutating func add(logits: UnsafeBufferPointer<Float>) throws(ShardError) {
    let row = try LogitsRow(logits, nextToken: 0, temperature: temperature, at: count)
    count += 1
    let least = Double(row.peak) + (row.logSum + log(Self.leastThreshold)) * temperature
    var mass = 0.0
    for id in logits.indices where Double(logits[id]) >= least {
      let probability = exp(row.logProbability(logits[id]))
      mass += probability
      if id != Int(row.argmax) { probabilities.append(probability) }
    }
    restMass += max(0, 1 - mass)
  }

  /// Adds other positions after these.
  package mutating func add(_ other: ExpectedEntries) {
    count += other.count
    probabilities += other.probabilities
    restMass += other.restMass
  }

  /// The expected entries a position at a threshold.
  package func mean(threshold: Double) -> Double {
    let tail = probabilities.reduce(0) { $0 + min(1, $1 / threshold) }
    return 1 + (tail + restMass / threshold) / Double(max(count, 1))
  }

  /// The least τ of three significant digits that keeps at most so many entries a position in
  /// expectation; nil if even τ = 1 keeps more.
  package func threshold(entries: Double) -> Double? {
    RoundThreshold.least { mean(threshold: $0) <= entries }
  }
}

/// The thresholds of three significant digits: 1, 0.999, … 0.1, 0.0999, … 0.0001.
package enum RoundThreshold {
  private static let count = 4 * 900 + 1

  /// The threshold of a number; 0 is the least, 0.0001.
  private static func value(_ number: Int) -> Double {
    let (decade, digits) = (number / 900, 100 + number % 900)
    // One division of two whole numbers: the closest Double to the decimal.
    return Double(digits) / [1e6, 1e5, 1e4, 1e3, 1e2][decade]
  }

  /// The least threshold that is good enough, where all above a good one are good; nil if none is.
  package static func least(_ isGood: (Double) throws -> Bool) rethrows -> Double? {
    guard try isGood(1) else { return nil }
    var (bad, good) = (-1, count - 1)
    while good - bad > 1 {
      let middle = (bad + good) / 2
      if try isGood(value(middle)) { good = middle } else { bad = middle }
    }
    return value(good)
  }

  /// The least threshold at or above a number from 0.0001 to 1.
  package static func atLeast(_ number: Double) -> Double {
    least { $0 >= number } ?? 1
  }
}
