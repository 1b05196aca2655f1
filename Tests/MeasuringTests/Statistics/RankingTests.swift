@testable import Measuring
import Testing

@Suite struct RankingTests {
  /// Means that differ by a little noise of their own.
  private func around(_ mean: Double, _ count: Int, noise: [Double]) -> [Double] {
    (0..<count).map { mean + noise[$0 % noise.count] }
  }

  private func arms(seeds: Int) -> [ArmScores] {
    [
      Arms.flat("linear", around(2.121, seeds, noise: [0.001, -0.002, 0.002, 0, -0.001])),
      Arms.flat("wsd", around(2.1, seeds, noise: [0, 0.001, -0.001, 0.002, -0.002])),
      Arms.flat("cosine", around(2.12, seeds, noise: [-0.002, 0.002, 0.001, -0.001, 0])),
    ]
  }

  @Test func fiveSeedsMakeAClaim() throws {
    let ranking = try Ranking(arms(seeds: 5))
    #expect(ranking.arms.map(\.name) == ["wsd", "cosine", "linear"])
    #expect(ranking.arms[0].seeds == [1, 2, 3, 4, 5])
    #expect(abs(ranking.arms[0].mean - 2.1) < 1e-9)
    #expect(abs(try #require(ranking.arms[0].standardDeviation) - 0.0015811388) < 1e-9)
    #expect(ranking.winner == "wsd")
    let pair = try #require(ranking.pair("linear", "wsd"))
    #expect(pair.first == "wsd" && pair.isToldApart && pair.isClaim && pair.better == "wsd")
    #expect(
      ranking.statement
        == "wsd beats cosine by 0.020 ± 0.003 nats (5 seeds); "
        + "cosine and linear cannot be told apart.")
  }

  @Test func threeSeedsAreAnIndication() throws {
    let ranking = try Ranking(arms(seeds: 3))
    #expect(ranking.winner == nil)
    let pair = try #require(ranking.pairs.first)
    #expect(pair.isToldApart && !pair.isClaim)
    #expect(
      ranking.statement
        == "wsd seems to beat cosine by 0.020 ± 0.005 nats (3 seeds: an indication, "
        + "five are needed for a claim); cosine and linear cannot be told apart (3 seeds).")
  }

  @Test func oneSeedTellsNothingApart() throws {
    let ranking = try Ranking(arms(seeds: 1))
    #expect(ranking.pairs.count == 3 && ranking.pairs.allSatisfy { $0.adjustedP == nil })
    #expect(ranking.arms.allSatisfy { $0.standardDeviation == nil })
    #expect(ranking.statement == "one seed gives no p for wsd, cosine and linear.")
  }

  @Test("case one-document: no p is known, and nothing is said to be alike")
  func oneDocumentTellsNothingApart() throws {
    let scores = arms(seeds: 5).map { arm in
      ArmScores(name: arm.name, runs: arm.runs.mapValues { Array($0.prefix(1)) })
    }
    let ranking = try Ranking(scores)
    #expect(ranking.arms.map(\.name) == ["wsd", "cosine", "linear"])
    #expect(ranking.pairs.allSatisfy { $0.comparison.documents == 1 })
    #expect(ranking.pairs.allSatisfy { $0.adjustedP == nil && $0.comparison.interval == nil })
    #expect(ranking.statement == "one held-out document gives no p for wsd, cosine and linear.")
  }

  @Test func theValuesAreCorrectedForTheNumberOfPairs() throws {
    let ranking = try Ranking(arms(seeds: 5))
    let values = ranking.pairs.compactMap(\.comparison.p)
    #expect(ranking.pairs.compactMap(\.adjustedP) == HolmCorrection.adjusted(values))
    #expect(ranking.pairs.map(\.first) == ["wsd", "wsd", "cosine"])
    #expect(ranking.pairs.map(\.second) == ["cosine", "linear", "linear"])
  }

  /// Two steps that cannot be told may make one that can: then nobody shares a place.
  @Test func tiesOverlap() throws {
    let noise = [0.004, -0.004, 0.003, -0.003, 0]
    let ranking = try Ranking([
      Arms.flat("a", around(2, 5, noise: [0])), Arms.flat("b", around(2.004, 5, noise: noise)),
      Arms.flat("c", around(2.008, 5, noise: [0.0001, 0.0002])),
    ])
    #expect(ranking.winner == nil)
    #expect(ranking.headline == "a and b cannot be told apart.")
    #expect(
      ranking.statement
        == "a and b cannot be told apart; a beats c by 0.00814 ± 0.00007 nats (5 seeds); "
        + "b and c cannot be told apart.")
  }

  @Test func manyArmsThatCannotBeToldApartAreNotAllNamed() throws {
    let noise = [
      [0.1, -0.1, 0.05, -0.05, 0], [-0.1, 0.1, 0, 0.05, -0.05], [0, 0.05, 0.1, -0.1, -0.05],
      [0.05, 0, -0.1, -0.05, 0.1],
    ]
    let ranking = try Ranking(
      noise.enumerated().map { index, noise in
        Arms.flat("abcd".map(String.init)[index], around(2 + 1e-6 * Double(index), 5, noise: noise))
      })
    #expect(ranking.statement == "the 4 arms from a to d cannot be told apart.")
    #expect(ranking.headline == ranking.statement)
  }

  @Test func divergedRunsRankLastAndAreNamed() throws {
    var scores = arms(seeds: 5)
    scores[0].runs[2] = scores[0].runs[2]?.map { DocumentScore(tokens: $0.tokens, nll: .nan) }
    for seed in [1, 4] {
      scores[1].runs[seed]?[3].nll = .infinity
    }
    scores.append(ArmScores(name: "unborn", runs: [:]))
    let ranking = try Ranking(scores)
    #expect(ranking.arms.map(\.name) == ["cosine", "linear", "wsd", "unborn"])
    #expect(ranking.arms.map(\.divergedSeeds) == [[], [2], [1, 4], []])
    #expect(!ranking.arms[1].mean.isFinite && ranking.arms[1].standardDeviation == nil)
    #expect(ranking.pairs.isEmpty && ranking.winner == "cosine")
    #expect(
      ranking.statement
        == "linear diverged (seed 2); wsd diverged (seeds 1, 4); unborn has no finished run.")
  }

  @Test func unequalSeedsArePairedWhereTheyMeet() throws {
    let ranking = try Ranking([
      Arms.even("a", [1: [1, 1], 2: [3, 3]]), Arms.even("b", [2: [2, 2]]),
    ])
    #expect(ranking.arms.map(\.name) == ["a", "b"], "equal means stay in the order given")
    let pair = try #require(ranking.pairs.first)
    #expect(pair.comparison.seeds == [2] && pair.comparison.difference == 1)
    #expect(pair.better == "b" && pair.worse == "a")
  }

  @Test func namesAreGivenOnce() {
    #expect(throws: StatisticsError.repeatedArm(name: "a")) {
      try Ranking([Arms.flat("a", [1]), Arms.flat("b", [1]), Arms.flat("a", [2])])
    }
  }

  @Test func nothingIsRankedOfNothing() throws {
    let ranking = try Ranking([])
    #expect(ranking.arms.isEmpty && ranking.winner == nil && ranking.statement == "")
    #expect(try Ranking([Arms.flat("a", [1, 2, 3, 4, 5])]).winner == nil)
  }
}
