import Testing

@testable import StudyPage

@Suite struct NumbersTests {
  @Test func minusSignsAreMinusSigns() {
    #expect(Numbers.decimal(-0.25) == "−0.250")
    #expect(Numbers.decimal(-0.0001) == "0.000")
    #expect(Numbers.signed(0.0213) == "+0.021")
    #expect(Numbers.signed(-0.0213) == "−0.021")
    #expect(Numbers.signed(0.0001) == "0.000")
    #expect(Numbers.decimal(-.infinity) == "−inf")
  }

  @Test func marginsAndProbabilities() {
    #expect(Numbers.spread(3.2141, 0.0061) == "3.214 ± 0.006")
    #expect(Numbers.spread(3.2141, nil) == "3.214")
    #expect(Numbers.probability(0.0004) == "< 0.001")
    #expect(Numbers.probability(0.0213) == "0.021")
  }

  @Test func powersOfTen() {
    #expect(Numbers.scientific(6e-4) == "6·10⁻⁴")
    #expect(Numbers.scientific(-1.5e-12) == "−1.5·10⁻¹²")
    #expect(Numbers.scientific(0) == "0")
  }
}
