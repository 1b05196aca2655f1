public import Testing

/// The largest absolute difference of two lists; NaN and differing lengths count as infinite.
public func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}

/// Expects two lists to agree to an absolute tolerance.
public func expectClose(
  _ a: [Float], _ b: [Float], within tolerance: Float, _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let difference = largestDifference(a, b)
  #expect(
    difference <= tolerance, "\(name) \(a.count) and \(b.count) values",
    sourceLocation: sourceLocation)
}

/// Expects two lists to agree to a tolerance relative to the largest magnitude of the second.
public func expectClose(
  _ a: [Float], _ b: [Float], relative tolerance: Float, _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let scale = b.reduce(0) { max($0, abs($1)) }
  expectClose(
    a, b, within: tolerance * max(scale, .leastNormalMagnitude), name,
    sourceLocation: sourceLocation)
}
