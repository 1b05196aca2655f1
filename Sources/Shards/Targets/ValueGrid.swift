import Foundation

/// The probabilities that a stored value can have, numbered by levels.
///
/// An estimate is judged by the square of its absolute error, for which equal steps are best; and
/// steps of a quarter of τ add a hundredth to the variance that sampling below τ has anyway.
enum ValueGrid: Sendable, Equatable {
  /// Level l is l / levels.
  case linear(levels: Int)
  /// Level l is exp(−l / 16): top-k targets of format version 2.
  case logarithmic
  /// Level l is sin²(π l / 2 levels): steps of an equal angle, which cost KL the same wherever p
  /// lies, and are as fine below 1 as above 0.
  case arcsine(levels: Int)

  /// The name in manifests of the arcsine grid that caches have.
  static let arcsineName = "arcsine-4096"
  /// The levels of that grid.
  static let arcsineLevels = 4096
  /// The steps of the logarithmic grid in a nat.
  static let stepsPerNat = 16.0
  /// No level is larger.
  static let mostLevels = 1 << 20

  /// The widest step of the grid.
  var resolution: Double {
    switch self {
    case .linear(let levels): 1 / Double(levels)
    case .logarithmic: 1 - exp(-1 / Self.stepsPerNat)
    case .arcsine(let levels): .pi / 2 / Double(levels)
    }
  }

  /// The probability of a level.
  func value(_ level: Int) -> Float {
    switch self {
    case .linear(let levels): Float(level) / Float(levels)
    case .logarithmic: Float(exp(-Double(level) / Self.stepsPerNat))
    case .arcsine(let levels): Float(Self.sine(level, of: levels))
    }
  }

  /// One of the two neighbours of a probability, drawn such that its expectation is p.
  func level(of probability: Double, uniform: Double) -> Int {
    switch self {
    case .linear(let levels):
      return min(levels, Int((probability * Double(levels) + uniform).rounded(.down)))
    case .logarithmic:
      guard probability > 0 else { return Self.mostLevels }
      let steps = max(0, -log(probability) * Self.stepsPerNat).rounded(.down)
      let level = min(Int(steps), Self.mostLevels - 1)
      let (high, low) = (Double(value(level)), Double(value(level + 1)))
      return uniform * (high - low) < probability - low ? level : level + 1
    case .arcsine(let levels):
      let angle = asin(min(1, max(0, probability)).squareRoot())
      let level = min(levels - 1, Int(angle / (.pi / 2) * Double(levels)))
      let (low, high) = (Double(value(level)), Double(value(level + 1)))
      return uniform * (high - low) < probability - low ? level + 1 : level
    }
  }

  /// The level whose probability is exactly this, or nil off the grid.
  func exactLevel(_ value: Float) -> Int? {
    guard value >= 0, value <= 1 else { return nil }
    switch self {
    case .linear(let levels):
      let level = Int((Double(value) * Double(levels)).rounded())
      return self.value(level) == value ? level : nil
    case .logarithmic:
      guard value > 0 else { return nil }
      let level = Int((-log(Double(value)) * Self.stepsPerNat).rounded())
      return self.value(level) == value ? level : nil
    case .arcsine(let levels):
      let angle = asin(Double(value).squareRoot())
      let level = Int((angle / (.pi / 2) * Double(levels)).rounded())
      return self.value(level) == value ? level : nil
    }
  }

  private static func sine(_ level: Int, of levels: Int) -> Double {
    let sine = sin(.pi / 2 * Double(level) / Double(levels))
    return sine * sine
  }
}

/// The grids of a position's entropy and of the next token's log-probability.
///
/// A number between two grid points becomes the upper one with probability proportional to its
/// distance from the lower one (`uniform` decides), so that means stay what they were.
enum RoundingGrids {
  /// The steps of an entropy in a nat.
  static let entropyStepsPerNat = 8.0
  /// The steps of the next token's log-probability in a nat.
  static let nextTokenStepsPerNat = 16.0

  /// The code of an entropy, at least 0 nats.
  static func code(ofEntropy entropy: Double, uniform: Double) -> Int {
    Int(min(max((entropy * entropyStepsPerNat + uniform).rounded(.down), 0), 255))
  }

  /// The entropy of a code, in nats.
  static func entropy(_ code: Int) -> Float { Float(code) / Float(entropyStepsPerNat) }

  /// The code of a log-probability; beyond −4,096 nats it stays there.
  static func code(ofLogProbability value: Double, uniform: Double) -> Int {
    Int(min(max((-value * nextTokenStepsPerNat + uniform).rounded(.down), 0), 65_535))
  }

  /// The log-probability of a code, in nats.
  static func logProbability(_ code: Int) -> Float { -Float(code) / Float(nextTokenStepsPerNat) }
}
