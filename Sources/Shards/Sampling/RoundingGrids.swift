import Foundation

/// The grids that stored numbers are rounded onto, each so that the expectation stays what it was.
///
/// A number between two neighbours becomes the upper one with probability proportional to its
/// distance from the lower one; `uniform` decides.
struct RoundingGrids: Sendable {
  /// The 256 probabilities that a kept entry can have: exp((c − 255) · ln max(V, 1/τ) / 255).
  ///
  /// A kept entry is at least τ, or the largest of all and so at least 1/V.
  let probabilities: [Float]
  /// Entropy step in nats: ln V / 255.
  let entropyStep: Double
  /// The step of the next token's negative log-probability, in nats.
  static let nextTokenStep = 1.0 / 128
  private let logStep: Double

  init(vocabularySize: Int, threshold: Double) {
    let size = Double(max(vocabularySize, 2))
    let step = log(max(size, 1 / threshold)) / 255
    logStep = step
    entropyStep = log(size) / 255
    probabilities = (0...255).map { Float(exp((Double($0) - 255) * step)) }
  }

  /// The code of a probability on the grid's range, one of its two neighbours.
  func code(ofProbability probability: Float, uniform: Double) -> UInt8 {
    let lower = lowerCode(probability)
    guard lower < 255 else { return 255 }
    let (low, high) = (Double(probabilities[lower]), Double(probabilities[lower + 1]))
    let isUpper = uniform * (high - low) < Double(probability) - low
    return UInt8(isUpper ? lower + 1 : lower)
  }

  /// The step of the grid of top-k values, in nats.
  static let logarithmicStep = 1.0 / 16

  /// One of the two neighbours exp(−k / 16) of a probability, such that E[value] = p.
  func logarithmic(logProbability: Double, uniform: Double) -> Float {
    let steps = -min(logProbability, 0) / Self.logarithmicStep
    let (above, below) = (steps.rounded(.down), steps.rounded(.down) + 1)
    let (high, low) = (exp(-above * Self.logarithmicStep), exp(-below * Self.logarithmicStep))
    let isUpper = uniform * (high - low) < exp(logProbability) - low
    return Float(isUpper ? high : low)
  }

  /// The code whose probability is exactly this, or nil off the grid.
  func exactCode(_ probability: Float) -> UInt8? {
    guard probability > 0, probability <= 1 else { return nil }
    let code = lowerCode(probability)
    return probabilities[code] == probability ? UInt8(code) : nil
  }

  /// The code of an entropy in [0, ln V].
  func code(ofEntropy entropy: Double, uniform: Double) -> UInt8 {
    UInt8(min(max((entropy / entropyStep + uniform).rounded(.down), 0), 255))
  }

  /// The entropy of a code, in nats.
  func entropy(_ code: UInt8) -> Float { Float(Double(code) * entropyStep) }

  /// The 16-bit code of a log-probability; beyond −512 nats it stays there.
  static func code(ofLogProbability value: Double, uniform: Double) -> UInt16 {
    let steps = (-value / nextTokenStep + uniform).rounded(.down)
    return UInt16(min(max(steps, 0), 65_535))
  }

  /// The log-probability of a code, in nats.
  static func logProbability(_ code: UInt16) -> Float { -Float(code) * Float(nextTokenStep) }

  /// The largest code whose probability is not above this one, at least 0.
  private func lowerCode(_ probability: Float) -> Int {
    let guess = (255 + log(Double(probability)) / logStep).rounded(.down)
    var code = Int(min(max(guess, 0), 255))
    while code < 255, probabilities[code + 1] <= probability { code += 1 }
    while code > 0, probabilities[code] > probability { code -= 1 }
    return code
  }
}
