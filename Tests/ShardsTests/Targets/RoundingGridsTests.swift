import Testing

@testable import Shards

@Suite struct RoundingGridsTests {
  @Test func codesAreEighthsAndSixteenthsOfANat() {
    #expect(RoundingGrids.code(ofEntropy: 2.5, uniform: 0) == 20)
    #expect(RoundingGrids.entropy(20) == 2.5)
    #expect(RoundingGrids.code(ofLogProbability: -2.5, uniform: 0) == 40)
    #expect(RoundingGrids.logProbability(40) == -2.5)
  }

  @Test func numbersBetweenGoUpWithTheirDistance() {
    // 1.3 nats are 10.4 eighths: the upper one from a random number of .6 on.
    #expect(RoundingGrids.code(ofEntropy: 1.3, uniform: 0.59) == 10)
    #expect(RoundingGrids.code(ofEntropy: 1.3, uniform: 0.61) == 11)
    // −1.3 nats are 20.8 sixteenths.
    #expect(RoundingGrids.code(ofLogProbability: -1.3, uniform: 0.19) == 20)
    #expect(RoundingGrids.code(ofLogProbability: -1.3, uniform: 0.21) == 21)
  }

  @Test func codesEndWhereTheirBytesDo() {
    #expect(RoundingGrids.code(ofEntropy: 99, uniform: 0.9) == 255)
    #expect(RoundingGrids.code(ofEntropy: -0.2, uniform: 0) == 0)
    #expect(RoundingGrids.code(ofLogProbability: -.infinity, uniform: 0) == 65_535)
    #expect(RoundingGrids.code(ofLogProbability: 0.1, uniform: 0) == 0)
    #expect(RoundingGrids.logProbability(65_535) == -4095.9375)
  }
}
