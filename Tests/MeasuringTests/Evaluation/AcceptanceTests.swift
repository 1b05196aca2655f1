import Foundation
@testable import Measuring
import Shards
import Tensors
import TestSupport
import Testing

/// One row's acceptances against numbers that were computed elsewhere, in float64.
@Suite struct AcceptanceTests {
  private let teacher: [Float] = [2, 1, 0, 0.5]
  private let student: [Float] = [1, 2, 0.5, -1]
  private let p: [Float] = [0.57925853, 0.21309730, 0.07839412, 0.12925005]

  private func row<Result>(_ logits: [Float], _ body: (LogitRow) -> Result) -> Result {
    let tensor = Tensor([logits.count], logits)
    return body(LogitRow(tensor.values, count: logits.count, owner: tensor.storage))
  }

  private func sum(_ acceptance: Acceptance) -> AcceptanceSum {
    var sum = AcceptanceSum()
    sum.add(acceptance)
    return sum
  }

  @Test func wholeDistributionsTellAllThree() {
    let found = row(teacher) { p in row(student) { q in q.compared(with: p) } }
    #expect(abs((sum(found.acceptance).known ?? .nan) - 0.54604247) < 1e-6)
    #expect(abs((sum(found.greedyAcceptance).known ?? .nan) - 0.21309730) < 1e-6)
    #expect(!found.agrees)
  }

  /// A row of τ = 0.2 that keeps its head, and of the tail these ids.
  private func compared(_ tail: [Int32], truncated: Bool = false) -> PredictionComparison {
    var targets = SparseTargets(isTruncated: truncated)
    targets.append(
      ids: [0, 1] + tail, values: [p[0], p[1]] + tail.map { _ in 0.2 }, argmax: 0,
      nextLogProbability: -1, entropy: 1)
    return row(student) { StoredRow(.sparse(targets), 0, threshold: 0.2).compare($0) }
  }

  @Test func sparseRowsBracketTheSampledAndTellTheGreedy() {
    let lows = [[], [2], [3]].map { sum(compared($0).acceptance).lowerBound ?? .nan }
    // Either token of the tail is kept with p / τ, worth τ then.
    let average =
      lows[0] + Double(p[2]) / 0.2 * (lows[1] - lows[0]) + Double(p[3]) / 0.2 * (lows[2] - lows[0])
    #expect(abs(average - 0.5102) < 5e-5)
    for tail in [[], [2], [3], [2, 3]] as [[Int32]] {
      let found = compared(tail)
      #expect(abs((sum(found.acceptance).upperBound ?? .nan) - 0.6036) < 5e-5)
      #expect(sum(found.acceptance).known == nil)
      #expect(abs((sum(found.greedyAcceptance).known ?? .nan) - 0.21309730) < 1e-6)
    }
  }

  @Test func aTokenThatIsNotStoredIsWorthNothingOrBounded() {
    var sparse = SparseTargets()
    sparse.append(ids: [0], values: [p[0]], argmax: 0, nextLogProbability: -1, entropy: 1)
    var truncated = SparseTargets(isTruncated: true)
    truncated.append(
      ids: [0, 3], values: [p[0], p[3]], argmax: 0, nextLogProbability: -1, entropy: 1)
    let found = [sparse, truncated].map { targets in
      row(student) { StoredRow(.sparse(targets), 0, threshold: 0.2).compare($0) }
    }
    #expect(sum(found[0].greedyAcceptance).known == 0)
    let bounded = sum(found[1].greedyAcceptance)
    #expect(bounded.known == nil && bounded.lowerBound == 0)
    #expect(bounded.upperBound == Double(p[3]), "no more than the least that is stored")
  }

  @Test func aSumIsKnownAsFarAsItsPartsAre() {
    var all = sum(.known(0.5))
    #expect(all.known == 0.5 && all.lowerBound == nil && all.upperBound == nil)
    all += sum(.between(0.25, 0.75))
    #expect(all.known == nil && all.lowerBound == 0.75 && all.upperBound == 1.25)
    all += sum(.between(0.125, nil))
    #expect(all.known == nil && all.lowerBound == 0.875 && all.upperBound == nil)
  }
}
