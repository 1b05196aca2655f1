import Shards
import Testing

/// τ where none is named.
@Suite struct UsualThresholdTests {
  @Test("case default-tau: it falls with the temperature, to 1/50")
  func itFollowsTheTemperature() {
    let expected = [(0.5, 0.04), (1, 0.04), (1.5, 0.026), (2, 0.02), (4, 0.02), (100, 0.02)]
    for (temperature, threshold) in expected {
      #expect(CacheCodec.usualThreshold(temperature: temperature) == threshold)
    }
  }

  /// In expectation, beside (1 − Σp²) / 50 of fifty draws, whatever p is: flat, sharp or in between.
  @Test("case default-tau: at 1/50 sampling below τ errs no more than fifty draws")
  func noMoreErrorThanFiftyDraws() {
    for sharpness in stride(from: 0.0, to: 3, by: 0.1) {
      let weights = (1...5_000).map { 1 / Double($0).squareRoot().squareRoot() }
        .map { weight in (0..<Int(sharpness * 4)).reduce(weight) { power, _ in power * weight } }
      let sum = weights.reduce(0, +)
      let p = weights.map { $0 / sum }
      let sampled = p.dropFirst().filter { $0 < 0.02 }.reduce(0) { $0 + $1 * (0.02 - $1) }
      let drawn = (1 - p.reduce(0) { $0 + $1 * $1 }) / 50
      #expect(sampled <= drawn)
    }
  }
}
