/// The mean and the spread of a few numbers.
public struct Sample: Sendable, Equatable {
  /// How many numbers there are.
  public let count: Int
  /// Their mean; nan of none.
  public let mean: Double
  /// With n − 1; nil of one number.
  public let standardDeviation: Double?

  /// The sample of some numbers.
  public init(_ values: [Double]) {
    count = values.count
    let center = values.reduce(0, +) / Double(values.count)
    mean = center
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    standardDeviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
  }

  /// Of the mean; nil of one number.
  public var standardError: Double? {
    standardDeviation.map { $0 / Double(count).squareRoot() }
  }
}
