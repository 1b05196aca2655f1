import Base
@testable import Measuring
import Testing

/// Planned comparisons: every arm against a baseline, and no other pair.
@Suite struct BaselineTests {
  private static let noise = [0.02, -0.03, 0.01, 0.04, -0.04]

  private func arms(_ levels: [(String, Double)], seeds: Int = 5) -> [ArmScores] {
    levels.enumerated().map { index, arm in
      Arms.flat(arm.0, (0..<seeds).map { arm.1 + Self.noise[($0 + index) % 5] })
    }
  }

  private let levels = [("labels", 2.5), ("soft", 2.0), ("same", 2.501), ("worse", 3.5)]

  @Test func onlyPairsWithTheBaselineAreTested() throws {
    let all = try Ranking(arms(levels))
    let planned = try Ranking(arms(levels), baseline: "labels")
    #expect(planned.arms == all.arms && all.pairs.count == 6)
    #expect(planned.pairs.map { Set([$0.first, $0.second]) }.allSatisfy { $0.contains("labels") })
    #expect(planned.pairs.count == 3 && planned.pair("soft", "worse") == nil)
    let values = planned.pairs.compactMap(\.comparison.p)
    #expect(planned.pairs.compactMap(\.adjustedP) == HolmCorrection.adjusted(values))
    for pair in planned.pairs {
      let same = try #require(all.pair(pair.first, pair.second))
      #expect(same.comparison == pair.comparison)
      #expect(try #require(pair.adjustedP) <= #require(same.adjustedP))
    }
    #expect(planned.reference == "labels" && all.reference == "soft")
    #expect(planned.winner == nil && all.winner == "soft")
  }

  @Test func itsSentenceNamesEveryArm() throws {
    let ranking = try Ranking(arms(levels), baseline: "labels")
    let text = ranking.statement
    #expect(text.hasPrefix("soft beats labels by 0.500 ± "), "\(text)")
    #expect(text.contains("labels beats worse by 1.000 ± "), "\(text)")
    #expect(text.hasSuffix("; same cannot be told apart from labels."), "\(text)")
    let single = try Ranking(arms(levels, seeds: 1), baseline: "labels")
    #expect(single.statement.hasPrefix("one seed gives no p for "), "\(single.statement)")
    #expect(single.statement.hasSuffix(" against labels."), "\(single.statement)")
  }

  @Test func theBestOfTheOthersIsHeldAgainstIt() throws {
    let gain = try #require(try Ranking(arms(levels), baseline: "labels").bestAgainstBaseline)
    #expect(gain.arm == "soft" && gain.other == "labels")
    #expect(gain.choices == 3 && gain.tests == 3 && gain.isAgainstBaseline)
    let text = gain.statement(gain.arm, over: gain.other)
    #expect(text.hasPrefix("soft gains 0.500 ± "), "\(text)")
    #expect(text.contains("nats over labels (Holm p "), "\(text)")
    #expect(
      text.hasSuffix("; soft is the best of 3 after the fact; ± holds for all 3 pairs at once"),
      "\(text)")
    #expect(gain.verdict == "a difference; the best of 3 after the fact")
    #expect(try Ranking(arms(levels)).bestAgainstBaseline == nil)
  }

  /// Of studies of equal arms, planned comparisons find a difference in 5 %, as all pairs do.
  @Test func equalArmsAreRarelyToldApart() throws {
    let studies = 200
    let found = try (0..<studies).count { number in
      let arms = Arms.study(
        [0, 0, 0, 0], seeds: 5, documents: 12, number: UInt64(number))
      return try Ranking(arms, baseline: "arm0").pairs.contains(where: \.isToldApart)
    }
    // Four standard deviations above 5 % of 200.
    #expect(found <= 22, "\(found) of \(studies)")
  }
}
