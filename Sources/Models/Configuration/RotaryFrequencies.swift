import Foundation

extension DecoderConfig {
  /// The rotary frequency of each pair, d/2 numbers: θ^(−2j/d), slowed by the scaling if there is
  /// one.
  package var rotaryFrequencies: [Float] {
    (0..<(headDim / 2)).map { j in
      let frequency = Float(1) / Float(pow(ropeTheta, Double(2 * j) / Double(headDim)))
      return switch ropeScaling {
      case nil: frequency
      case .linear(let factor): frequency / Float(factor)
      case .llama3(let scaling): scaling.scaled(frequency)
      case .yarn(let scaling):
        scaling.scaled(frequency, pair: j, theta: ropeTheta, headDim: headDim)
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

extension DecoderConfig.RopeScaling.YaRN {
  /// A frequency, slowed the more the slower it is: not at all below the pair that turns
  /// `betaFast` times over the original context, fully beyond the one that turns `betaSlow` times.
  fileprivate func scaled(_ frequency: Float, pair: Int, theta: Double, headDim: Int) -> Float {
    func pairTurning(_ times: Double) -> Double {
      let wavelength = Double(originalMaxPositionEmbeddings) / (2 * Double.pi * times)
      return Double(headDim) * log(wavelength) / (2 * log(theta))
    }
    let first = Float(max(pairTurning(betaFast).rounded(.down), 0))
    let last = Float(min(pairTurning(betaSlow).rounded(.up), Double(headDim - 1)))
    let slope = first == last ? 0.001 : last - first
    let slowed = min(max((Float(pair) - first) / slope, 0), 1)
    return frequency / Float(factor) * slowed + frequency * (1 - slowed)
  }
}
