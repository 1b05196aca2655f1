@testable import Measuring
import Testing

/// Costs and acceptances that are the same everywhere, against numbers that were computed elsewhere.
@Suite struct DraftCostsTests {
  private func costs(_ draft: Double, longest: Int = 12) -> DraftCosts {
    DraftCosts(draft: draft, verification: Array(repeating: 1, count: longest))
  }

  private func speedUp(_ acceptance: Double, _ length: Int) -> Double {
    costs(0.59605).speedUp(
      tokensPerRound: DraftCosts.tokensPerRound(acceptance: acceptance, length: length),
      length: length)
  }

  @Test(arguments: [(1, 1.1359), (2, 1.1285), (5, 0.9554)])
  func aDearDraftPaysForShortRoundsAlone(length: Int, expected: Double) {
    #expect(abs(speedUp(0.81293, length) - expected) < 1e-4)
  }

  @Test func aPerfectDraftGivesOneMoreTokenThanItDrafts() {
    #expect(abs(speedUp(1, 5) - 1.5074) < 1e-4)
    #expect(DraftCosts.tokensPerRound(acceptance: 1, length: 5) == 6)
    #expect(DraftCosts.tokensPerRound(acceptance: 0, length: 5) == 1)
  }

  @Test func oneTokenBreaksEvenWhereItIsAcceptedAsOftenAsItCosts() throws {
    #expect(abs(try #require(costs(0.59605).breakEven(length: 5)) - 0.83224) < 1e-5)
    #expect(abs(try #require(costs(0.59605).breakEven()) - 0.59605) < 1e-12)
    #expect(costs(1.01).breakEven() == nil, "even a perfect draft costs more than it gives")
    #expect(DraftCosts(draft: 0.1, verification: [0.5]).breakEven() == 0, "a gain from nothing")
  }

  @Test(arguments: [
    (0.05, 0.6, 4, 1.92), (0.05, 0.7, 6, 2.35), (0.05, 0.8, 8, 3.09), (0.1, 0.6, 3, 1.67),
    (0.1, 0.7, 4, 1.98), (0.1, 0.8, 6, 2.47), (0.2, 0.6, 2, 1.40), (0.2, 0.7, 3, 1.58),
    (0.2, 0.8, 4, 1.87), (0.4, 0.8, 2, 1.36),
  ])
  func theBestLengthIsThatOfTheTable(
    draft: Double, acceptance: Double, length: Int, speedUp: Double
  ) {
    let best = costs(draft).best(acceptance: acceptance)
    #expect(best.length == length && abs(best.speedUp - speedUp) < 0.005)
    // The same by the closed form.
    let tokens = (1 - pow(acceptance, length + 1)) / (1 - acceptance)
    #expect(abs(best.speedUp - tokens / (Double(length) * draft + 1)) < 1e-12)
  }

  @Test func checkingCostsWhatItWasMeasuredToCost() {
    let costs = DraftCosts(draft: 0.25, verification: [1.5, 1.75])
    #expect(costs.round(1) == 1.75 && costs.round(2) == 2.25)
    #expect(costs.speedUp(tokensPerRound: 2.25, length: 2) == 1)
    let times = DraftTimes([
      .init(draft: 0.125, target: [0.5, 0.75, 1]), .init(draft: 0.25, target: [0.5, 0.5, 0.5]),
      .init(draft: 0, target: [1, 1, 0.875]),
    ])
    #expect(times.costs == costs, "medians: 0.125, and 0.5, 0.75, 0.875")
    // Rounds of 2 take 2.5, 2 and 0.875 of a token.
    let mean = 5.375 / 3
    let squares = [2.5, 2, 0.875].reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
    #expect(abs((times.roundError(2) ?? 0) - (squares / 6).squareRoot()) < 1e-12)
    #expect(DraftTimes([times.turns[0]]).roundError(2) == nil)
  }

  private func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { power, _ in power * base }
  }
}
