import Foundation

extension DecoderConfig {
  /// The rotary frequency of each pair, d/2 numbers: θ^(−2j/d), slowed by the scaling if there is
  /// one.
  public var rotaryFrequencies: [Float] {
    (0..<(headDim / 2)).map { j in
      let frequency = Float(1) / Float(pow(ropeTheta, Double(2 * j) / Double(headDim)))
      return switch ropeScaling {
      case nil: frequency
      case .linear(let factor): frequency / Float(factor)
      case .llama3(let scaling): scaling.scaled(frequency)
      }
    }
  }
}

extension DecoderConfig.RopeScaling.Llama3 {
  // The two outer branches come first, because Scout's low and high factors are equal and the middle
  // one would divide zero by zero (docs/llama4.md §2.4).
  fileprivate func scaled(_ frequency: Float) -> Float {
    let original = Double(originalMaxPositionEmbeddings)
    let wavelength = 2 * Double.pi / Double(frequency)
    if wavelength < original / highFreqFactor { return frequency }
    if wavelength > original / lowFreqFactor { return frequency / Float(factor) }
    let smooth = (original / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor)
    return Float((1 - smooth) / factor + smooth) * frequency
  }
}
