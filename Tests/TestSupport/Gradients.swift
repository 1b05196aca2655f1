import Base
public import Tensors
public import Testing

/// Expects `backward()` to agree with central differences in every element of the leaves.
///
/// The result is reduced to a scalar by a fixed random weighting, in float64 for the differences.
/// The tolerance is relative to the largest gradient of a leaf (but to no less than 0.05, because
/// float32 rounding leaves about 1e-5 in a difference). Of leaves with more than 200 elements a
/// seeded sample is checked.
public func expectGradients(
  of leaves: [Tensor], tolerance: Double = 2e-3, step: Float = 1e-2,
  sourceLocation: SourceLocation = #_sourceLocation, _ function: () -> Tensor
) {
  for leaf in leaves { leaf.gradient.update(repeating: 0, count: leaf.count) }
  let result = function()
  let weights = [Float].random(result.count, seed: 0x5eed)
  weightedSum(result, weights).backward()
  for (number, leaf) in leaves.enumerated() {
    let analytic = leaf.gradientArray
    let places = sampledPlaces(leaf.count)
    let numeric = places.map { place in
      centralDifference(leaf, place, step) { dot(function(), weights) }
    }
    let scale = (analytic.map { Double(abs($0)) } + numeric.map(abs)).reduce(0.05, max)
    for (place, slope) in zip(places, numeric) {
      let error = abs(Double(analytic[place]) - slope)
      #expect(
        error <= tolerance * scale,
        "leaf \(number), element \(place): backward \(analytic[place]), difference \(slope)",
        sourceLocation: sourceLocation)
    }
  }
}

/// `Σ w · y`, an operation for tests only.
public func weightedSum(_ y: Tensor, _ weights: [Float]) -> Tensor {
  precondition(y.count == weights.count)
  return .apply([y], shape: [1]) { sum in
    sum[0] = Float(dot(y, weights))
  } backward: { sum in
    let slope = sum.gradient[0]
    for (index, weight) in weights.enumerated() { y.gradient[index] += slope * weight }
  }
}

private func dot(_ y: Tensor, _ weights: [Float]) -> Double {
  y.withValues { zip($0, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
}

private func centralDifference(
  _ leaf: Tensor, _ place: Int, _ step: Float, _ scalar: () -> Double
) -> Double {
  let value = leaf.values[place]
  defer { leaf.values[place] = value }
  let (above, below) = (value + step, value - step)
  leaf.values[place] = above
  let high = scalar()
  leaf.values[place] = below
  let low = scalar()
  return (high - low) / (Double(above) - Double(below))
}

private func sampledPlaces(_ count: Int) -> [Int] {
  guard count > 200 else { return Array(0..<count) }
  var generator = SplitMix64(seed: UInt64(count))
  return Array((0..<count).shuffled(using: &generator).prefix(200)).sorted()
}
