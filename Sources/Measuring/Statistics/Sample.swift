/// The mean and the spread of a few numbers.
package struct Sample: Sendable, Equatable {
  /// The number of values.
  package let count: Int
  /// Their mean; nan of none.
  package let mean: Double
  /// The standard deviation, with n − 1; nil of one number.
  package let standardDeviation: Double?

  /// The sample of some numbers.
  package init(_ values: [Double]) {
    count = values.count
    let center = values.reduce(0, +) / Double(values.count)
    mean = center
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    standardDeviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
  }

  /// The standard error of the mean; nil of one number.
  package var standardError: Double? {
    standardDeviation.map { $0 / Double(count).squareRoot() }
  }
}
