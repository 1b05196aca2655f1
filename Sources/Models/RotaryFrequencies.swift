import Foundation

extension DecoderConfig {
  /// The rotary frequency of each pair, d/2 numbers: θ^(−2j/d), slowed for Llama 3.1's scaling.
  ///
  /// The two outer branches come first, because Scout's low and high factors are equal and the
  /// middle one would divide zero by zero (llama4.md §2.4).
  public var rotaryFrequencies: [Float] {
    (0..<(headDim / 2)).map { j in
      let frequency = Float(1) / Float(pow(ropeTheta, Double(2 * j) / Double(headDim)))
      guard let scaling = ropeScaling else { return frequency }
      return scaled(frequency, scaling)
    }
  }

  private func scaled(_ frequency: Float, _ scaling: RopeScaling) -> Float {
    let original = Double(scaling.originalMaxPositionEmbeddings)
    let wavelength = 2 * Double.pi / Double(frequency)
    if wavelength < original / scaling.highFreqFactor { return frequency }
    if wavelength > original / scaling.lowFreqFactor { return frequency / Float(scaling.factor) }
    let smooth =
      (original / wavelength - scaling.lowFreqFactor)
      / (scaling.highFreqFactor - scaling.lowFreqFactor)
    return Float((1 - smooth) / scaling.factor + smooth) * frequency
  }
}
