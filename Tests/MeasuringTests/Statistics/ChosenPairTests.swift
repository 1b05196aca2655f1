@testable import Measuring
import Testing

@Suite("case gains: the best of several is no finding of its own") struct ChosenPairTests {
  private static let noise = [0.02, -0.03, 0.01, 0.04, -0.04]

  /// Two arms with a teacher and two without, the best of each kind this far apart.
  private func ranking(_ gap: Double, seeds: Int = 5, documents: Int = 8) throws -> Ranking {
    let levels = [("soft", 2.0), ("softer", 2.001), ("labels", 2 + gap), ("rough", 2.2 + gap)]
    let arms = levels.enumerated().map { index, arm in
      let scores = (0..<seeds).map { arm.1 + Self.noise[($0 + index) % 5] }
      let all = Arms.flat(arm.0, scores)
      return ArmScores(name: arm.0, runs: all.runs.mapValues { Array($0.prefix(documents)) })
    }
    return try Ranking(arms)
  }

  private func gain(_ ranking: Ranking) throws -> ChosenPair {
    try #require(ranking.best { $0.hasPrefix("soft") })
  }

  @Test func theBestOfEachKindIsTaken() throws {
    let gain = try gain(try ranking(0.5))
    #expect(gain.arm == "soft" && gain.other == "labels" && gain.choices == 4 && gain.tests == 6)
    #expect(abs(gain.difference + 0.5) < 1e-9)
    let other = try #require(try ranking(0.5).best { !$0.hasPrefix("soft") })
    #expect(other.arm == "labels" && abs(other.difference - 0.5) < 1e-9)
  }

  /// t(1 − 0.025/6; 4) is 4.8510 (SciPy), where that pair alone has 2.7764.
  @Test func theMarginHoldsForAllPairs() throws {
    let gain = try gain(try ranking(0.5))
    let error = gain.pair.comparison.standardError
    #expect(abs(try #require(gain.halfWidth) - 4.850965 * error) < 1e-4 * error)
  }

  @Test func aClaimNamesWhatItRestsOn() throws {
    let text = try gain(try ranking(0.5)).statement("Distillation", over: "plain LM")
    #expect(text.hasPrefix("Distillation gains 0.500 ± "), "\(text)")
    #expect(text.contains("nats over plain LM (soft against labels, Holm p < 0.001"), "\(text)")
    #expect(
      text.hasSuffix(
        ", 5 seeds); each is the best of its kind after the fact; ± holds for all 6 pairs at once"))
  }

  @Test func whatTheCorrectionTakesAwayIsNotClaimed() throws {
    // By that pair alone p is below 0.05.
    let gain = try gain(try ranking(0.06))
    #expect(try #require(gain.pair.comparison.p) < 0.05 && !gain.pair.isToldApart)
    let text = gain.statement("Distillation", over: "plain LM")
    #expect(text.hasPrefix("Distillation against plain LM: −0.060 ± "), "\(text)")
    #expect(text.contains("): they cannot be told apart; each is"), "\(text)")
    #expect(gain.verdict.hasPrefix("cannot be told apart; each"))
  }

  @Test func fewerThanFiveSeedsAreAnIndication() throws {
    let gain = try gain(try ranking(3, seeds: 3))
    let text = gain.statement("Distillation", over: "plain LM")
    #expect(text.hasPrefix("Distillation seems to gain 3.0"), "\(text)")
    #expect(text.contains("3 seeds: an indication, five are needed for a claim)"), "\(text)")
    #expect(gain.verdict.hasPrefix("an indication"))
  }

  @Test func withoutAPNothingIsSaidToBeAlike() throws {
    for (ranking, reason) in [
      (try ranking(0.5, seeds: 1), "one seed"),
      (try ranking(0.5, documents: 1), "one held-out document"),
    ] {
      let gain = try gain(ranking)
      #expect(gain.halfWidth == nil && gain.untested == reason)
      let text = gain.statement("Distillation", over: "plain LM")
      #expect(text.contains("): \(reason) gives no p"), "\(text)")
      #expect(!text.contains("told apart") && !text.contains("±"), "\(text)")
    }
  }

  @Test func oneOfEachIsNotChosen() throws {
    let ranking = try Ranking([Arms.flat("a", Self.noise), Arms.flat("b", [9, 9, 9, 9, 9])])
    let gain = try #require(ranking.best { $0 == "a" })
    #expect(gain.choices == 1 && gain.halfWidth == gain.pair.comparison.interval?.halfWidth)
    #expect(!gain.statement("A", over: "b").contains("after the fact"))
    #expect(ranking.best { _ in true } == nil)
  }
}
