/// The values that a key takes, in words and as a test.
package struct ValueLimit<Value: Comparable & Sendable>: Sendable {
  /// The rule as a message says it, after "must be".
  package let description: String
  /// Whether a value follows the rule.
  let accepts: @Sendable (Value) -> Bool

  /// A limit from its description and its test.
  package init(description: String, accepts: @escaping @Sendable (Value) -> Bool) {
    self.description = description
    self.accepts = accepts
  }

  /// Values from a least one up.
  package static func atLeast(_ least: Value) -> ValueLimit {
    ValueLimit(description: "at least \(least)") { $0 >= least }
  }

  /// Values above one that itself is not taken.
  package static func above(_ bound: Value) -> ValueLimit {
    ValueLimit(description: "above \(bound)") { $0 > bound }
  }

  /// Values from a least to a greatest, both taken.
  package static func within(_ range: ClosedRange<Value>) -> ValueLimit {
    ValueLimit(description: "from \(range.lowerBound) to \(range.upperBound)") {
      range.contains($0)
    }
  }

  /// Values from a least one up to one that is not taken.
  package static func within(_ range: Range<Value>) -> ValueLimit {
    ValueLimit(description: "at least \(range.lowerBound) and below \(range.upperBound)") {
      range.contains($0)
    }
  }
}

extension ValueLimit<Int> {
  /// Counts of steps and the like: products of a few of them stay whole numbers.
  package static var count: ValueLimit { .within(1...1_000_000_000) }
  /// Counts of tokens.
  package static var tokens: ValueLimit { .within(1...1_000_000_000_000_000) }
}

extension ValueLimit<Double> {
  /// The same limit for a number that is computed with in float32: what rounding to that makes of
  /// it must be within the limit, too.
  package var inFloat32: ValueLimit {
    ValueLimit(description: description + " as a float32") { [accepts] in
      accepts($0) && Float($0).isFinite && accepts(Double(Float($0)))
    }
  }
}

extension ConfigNode {
  /// The value as a whole number within a limit.
  package func integer(_ limit: ValueLimit<Int>) throws(ConfigError) -> Int {
    let value = try integer()
    guard limit.accepts(value) else { throw invalid(limit.description) }
    return value
  }

  /// The value as a number within a limit.
  func number(_ limit: ValueLimit<Double>) throws(ConfigError) -> Double {
    let value = try number()
    guard limit.accepts(value) else { throw invalid(limit.description) }
    return value
  }
}
