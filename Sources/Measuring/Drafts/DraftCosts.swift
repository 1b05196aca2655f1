/// The costs of speculative decoding beside plain decoding with the target, which takes 1 a token.
package struct DraftCosts: Sendable, Equatable {
  /// c: the time of a token of the draft over that of a token of the target.
  package let draft: Double
  /// v(k) for k = 1, 2, …: the time in which the target checks k drafted tokens, k + 1 positions at
  /// once, over that of a token of its own.
  package let verification: [Double]

  /// Costs that were measured or are assumed.
  package init(draft: Double, verification: [Double]) {
    self.draft = draft
    self.verification = verification
  }

  /// The lengths of drafts whose costs are known.
  package var lengths: ClosedRange<Int> { 1...verification.count }

  /// k c + v(k): the time of a round of k drafted tokens.
  package func round(_ length: Int) -> Double {
    Double(length) * draft + verification[length - 1]
  }

  /// The speed-up of rounds of k drafted tokens that give so many tokens on average.
  package func speedUp(tokensPerRound tokens: Double, length: Int) -> Double {
    tokens / round(length)
  }

  /// The tokens of a round of k drafted tokens, each accepted with the same probability α whatever
  /// became of the others: 1 + α + … + α^k.
  ///
  /// Leviathan et al. 2023 (arXiv 2211.17192), equation 1.
  package static func tokensPerRound(acceptance: Double, length: Int) -> Double {
    (0..<length).reduce(1) { sum, _ in 1 + acceptance * sum }
  }

  /// The length that speeds up the most at such an acceptance, and the speed-up.
  package func best(acceptance: Double) -> (length: Int, speedUp: Double) {
    let speeds = lengths.map { length in
      (
        length: length,
        speedUp: speedUp(
          tokensPerRound: Self.tokensPerRound(acceptance: acceptance, length: length),
          length: length)
      )
    }
    return speeds.dropFirst().reduce(speeds[0]) { $1.speedUp > $0.speedUp ? $1 : $0 }
  }

  /// The acceptance from which on drafts of a length, or of the best one, pay; nil where not even a
  /// perfect draft does.
  package func breakEven(length: Int? = nil) -> Double? {
    func pays(_ acceptance: Double) -> Bool {
      guard let length else { return best(acceptance: acceptance).speedUp >= 1 }
      let tokens = Self.tokensPerRound(acceptance: acceptance, length: length)
      return speedUp(tokensPerRound: tokens, length: length) >= 1
    }
    guard pays(1) else { return nil }
    guard !pays(0) else { return 0 }
    var (low, high) = (0.0, 1.0)
    // The speed-up grows with the acceptance: 52 halvings are all of a Double.
    for _ in 0..<52 {
      let middle = (low + high) / 2
      if pays(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
