import Foundation

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
