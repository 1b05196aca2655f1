@testable import Measuring
import Testing

/// Whether the ranking is right as often as it says, over simulated studies.
@Suite struct RankingSimulationTests {
  private func rankings(
    _ means: [Double], studies: Int, seeds: Int, noise: Arms.Noise = Arms.Noise()
  ) throws -> [Ranking] {
    try (0..<studies).map { study in
      let arms = Arms.study(
        means, seeds: seeds, documents: 16, noise: noise, number: UInt64(study))
      return try Ranking(arms, bootstrap: DocumentBootstrap(resamples: 60))
    }
  }

  /// The share of 500 studies of equal arms in which any two are told apart: at most 5 %, and two
  /// standard errors of such a share.
  ///
  /// All chance in the seeds, where the test is exact; all in the documents; both, where it errs on
  /// the side of doubt.
  @Test(arguments: [
    (Arms.Noise(seed: 0.02, preference: 0, residue: 0), 10),
    (Arms.Noise(seed: 0, preference: 0.1, residue: 0), 1),
    (Arms.Noise(), 0),
  ])
  func equalArmsAreSeldomToldApart(noise: Arms.Noise, fewest: Int) throws {
    let found = try rankings([0, 0, 0], studies: 500, seeds: 5, noise: noise)
    let wrong = found.count { $0.pairs.contains(where: \.isToldApart) }
    #expect(Double(wrong) / 500 <= 0.05 + 2 * (0.05 * 0.95 / 500).squareRoot(), "\(wrong) of 500")
    #expect(wrong >= fewest, "a test that never errs is blind")
  }

  /// The three pairs' standard errors are about 0.02: eight of them are found, almost always.
  @Test func aDifferenceOfSeveralStandardErrorsIsFound() throws {
    let found = try rankings([0.16, 0, 0.32], studies: 40, seeds: 5)
    let right = found.count { ranking in
      ranking.arms.map(\.name) == ["arm1", "arm0", "arm2"]
        && ranking.pairs.allSatisfy(\.isClaim) && ranking.winner == "arm1"
    }
    #expect(right >= 38, "\(right) of 40")
  }

  /// How often the 95 % interval of a pair holds the true difference, where chance is in the seeds.
  @Test func theIntervalHoldsTheTruth() throws {
    let noise = Arms.Noise(seed: 0.02, preference: 0, residue: 0)
    let found = try rankings([0, 0.05], studies: 500, seeds: 4, noise: noise)
    let held = found.count { ranking in
      guard let pair = ranking.pair("arm0", "arm1"), let interval = pair.comparison.interval
      else { return false }
      let truth = pair.first == "arm0" ? -0.05 : 0.05
      return interval.lower <= truth && truth <= interval.upper
    }
    let allowed = 3 * (0.05 * 0.95 / 500).squareRoot()
    #expect(abs(Double(held) / 500 - 0.95) <= allowed, "\(held) of 500")
  }
}
