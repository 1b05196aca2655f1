import Foundation
@testable import Measuring
import Testing

@Suite struct PairedComparisonTests {
  /// `scipy.stats.ttest_rel`: documents that all say the same leave the seeds alone.
  @Test func withoutDocumentSpreadItIsThePairedTTest() throws {
    let first = Arms.flat("a", [2.1, 2.3, 2.0, 2.25, 2.4])
    let second = Arms.flat("b", [2.0, 2.26, 1.93, 2.11, 2.36])
    let found = try #require(try PairedComparison.between(first, second))
    #expect(found.seeds == [1, 2, 3, 4, 5])
    #expect(abs(found.difference - 0.078) < 1e-12)
    #expect(abs(try #require(found.documentStandardError)) < 1e-12)
    #expect(abs(try #require(found.t) - 4.088310863215481) < 1e-9)
    #expect(abs(try #require(found.p) - 0.014995869100016216) < 1e-9)
    let interval = try #require(found.interval)
    #expect(abs(interval.lower - 0.025028803471392608) < 1e-9)
    #expect(abs(interval.upper - 0.13097119652860753) < 1e-9)
    #expect(abs(interval.halfWidth - 0.0529711965286075) < 1e-9)
  }

  @Test func whatASeedDoesToBothArmsCancels() throws {
    let levels = [2.0, 5, 9]
    let found = try #require(
      try PairedComparison.between(
        Arms.flat("a", levels), Arms.flat("b", levels.map { $0 + 0.5 })))
    #expect(abs(found.difference + 0.5) < 1e-12)
    #expect(try #require(found.seedStandardError) < 1e-12)
    #expect(try #require(found.p) < 1e-6)
  }

  /// With equal lengths the mean of n documents has the standard error s/√n, which is known.
  @Test func theDocumentErrorIsThatOfTheMeanOverDocuments() throws {
    let gaps = (0..<12).map { 0.1 * sin(Double($0 * $0)) }
    let texts = (0..<12).map { 3 + cos(Double($0)) }
    let first = Arms.even("a", [1: zip(texts, gaps).map(+), 2: zip(texts, gaps).map(+)])
    let second = Arms.even("b", [1: texts, 2: texts])
    let found = try #require(
      try PairedComparison.between(first, second, bootstrap: DocumentBootstrap(resamples: 20_000)))
    let center = gaps.reduce(0, +) / 12
    let squares = gaps.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let expected = (squares / 11 / 12).squareRoot()
    #expect(abs(found.difference - center) < 1e-12)
    #expect(abs(try #require(found.documentStandardError) - expected) < 0.02 * expected)
    #expect(try #require(found.seedStandardError) < 1e-12)
    #expect(abs(found.standardError - (try #require(found.documentStandardError))) < 1e-12)
  }

  @Test func longDocumentsWeighMore() throws {
    func arm(_ name: String, _ sums: [Double]) -> ArmScores {
      let scores = zip([1, 99, 0], sums).map { DocumentScore(tokens: $0, nll: $1) }
      return ArmScores(name: name, runs: [1: scores])
    }
    let found = try #require(
      try PairedComparison.between(arm("a", [5, 200, 0]), arm("b", [0, 100, 0])))
    #expect(abs(found.difference - 1.05) < 1e-12)
  }

  @Test func bothErrorsAdd() throws {
    let scores = Arms.study([0, 0.02], seeds: 4, documents: 30, number: 3)
    let found = try #require(try PairedComparison.between(scores[0], scores[1]))
    let seeds = try #require(found.seedStandardError)
    let documents = try #require(found.documentStandardError)
    #expect(seeds > 0.001 && documents > 0.001)
    #expect(abs(found.standardError - hypot(seeds, documents)) < 1e-12)
    #expect(found.differences.count == 4)
    let again = try PairedComparison.between(scores[0], scores[1])
    #expect(again == found, "the bootstrap has a seed")
    let reverse = try #require(try PairedComparison.between(scores[1], scores[0]))
    #expect(abs(reverse.difference + found.difference) < 1e-12)
    #expect(abs(reverse.standardError - found.standardError) < 1e-12)
  }

  @Test func oneSeedHasNoInterval() throws {
    let scores = Arms.study([0, 1], seeds: 1, documents: 30, number: 1)
    let found = try #require(try PairedComparison.between(scores[0], scores[1]))
    #expect(found.seedStandardError == nil && found.interval == nil)
    #expect(found.t == nil && found.p == nil)
    #expect(found.standardError == found.documentStandardError)
  }

  @Test func oneDocumentHasNoDocumentError() throws {
    let found = try #require(
      try PairedComparison.between(
        Arms.even("a", [1: [2], 2: [2.5]]), Arms.even("b", [1: [1], 2: [1.4]])))
    #expect(found.documentStandardError == nil)
    #expect(found.standardError == found.seedStandardError)
  }

  @Test func onlySharedSeedsArePaired() throws {
    let first = Arms.even("a", [1: [2, 2], 2: [3, 3], 3: [4, 4]])
    let second = Arms.even("b", [2: [2, 2], 3: [2, 2], 9: [0, 0]])
    let found = try #require(try PairedComparison.between(first, second))
    #expect(found.seeds == [2, 3] && found.differences == [1, 2])
    let stranger = Arms.even("c", [7: [2, 2]])
    #expect(try PairedComparison.between(first, stranger) == nil)
  }

  @Test func equalRunsDoNotDiffer() throws {
    let arm = Arms.flat("a", [2, 2.5, 3])
    let found = try #require(try PairedComparison.between(arm, arm))
    #expect(found.difference == 0 && found.t == 0 && found.p == 1)
  }

  @Test func runsOnOtherTextAreRefused() {
    let first = Arms.even("a", [1: [2, 2]])
    #expect(throws: StatisticsError.differentDocuments(run: "a, seed 1,", other: "b, seed 1,")) {
      try PairedComparison.between(first, Arms.even("b", [1: [2, 2, 2]]))
    }
    #expect(throws: StatisticsError.differentDocuments(run: "a, seed 1,", other: "b, seed 4,")) {
      try PairedComparison.between(first, Arms.even("b", [4: [2, 2]], tokens: 11))
    }
    #expect(throws: StatisticsError.noPredictions(run: "a, seed 1,")) {
      let empty = ArmScores(name: "a", runs: [1: [DocumentScore(tokens: 0, nll: 0)]])
      return try PairedComparison.between(empty, empty)
    }
  }
}

extension PairedComparison {
  /// Compares two arms as a ranking of just these two does; nil where it has no comparison.
  fileprivate static func between(
    _ first: ArmScores, _ second: ArmScores, bootstrap: DocumentBootstrap = DocumentBootstrap()
  ) throws(StatisticsError) -> PairedComparison? {
    try ResampledArms([first, second], bootstrap).compare(0, 1)
  }
}
