package import Testing

/// Running means of several numbers with their standard errors.
package struct SampleMeans {
  package private(set) var count = 0
  private var sums: [Double]
  private var squares: [Double]

  package init(_ width: Int) {
    sums = Array(repeating: 0, count: width)
    squares = Array(repeating: 0, count: width)
  }

  package mutating func add(_ values: [Double]) {
    count += 1
    for (index, value) in values.enumerated() {
      sums[index] += value
      squares[index] += value * value
    }
  }

  package func mean(_ index: Int) -> Double { sums[index] / Double(count) }

  package func standardError(_ index: Int) -> Double {
    let variance = max(0, squares[index] / Double(count) - mean(index) * mean(index))
    return (variance / Double(max(1, count - 1))).squareRoot()
  }

  /// Expects every mean to lie within some standard errors of what it should be.
  ///
  /// With fixed seeds this passes always or never; 4.5 standard errors happen by chance once in
  /// 150,000 numbers. `resolution` is the least error that counts, for numbers that hardly vary.
  package func expectMeans(
    _ expected: [Double], errors: Double = 4.5, resolution: Double = 1e-6,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (index, wanted) in expected.enumerated() {
      let allowed = errors * standardError(index) + resolution
      #expect(
        abs(mean(index) - wanted) <= allowed, "number \(index): \(mean(index)), not \(wanted)",
        sourceLocation: sourceLocation)
    }
  }
}
