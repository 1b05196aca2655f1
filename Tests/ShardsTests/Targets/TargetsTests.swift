import Foundation
import Testing

@testable import Shards

@Suite struct TargetsTests {
  private let place = Place(random: AddressedRandom(seed: 3), sequence: 9, position: 0)

  @Test func sparseRowsLieEndToEnd() {
    var rows = SparseTargets()
    rows.append(ids: [1, 5], values: [0.5, 0.25], argmax: 1, nextLogProbability: -1, entropy: 2)
    rows.append(ids: [], values: [], argmax: 7, nextLogProbability: -3, entropy: 0)
    rows.append(ids: [2], values: [1], argmax: 2, nextLogProbability: 0, entropy: 0)
    #expect(rows.count == 3 && rows.offsets == [0, 2, 2, 3])
    #expect(rows.entries(of: 0) == 0..<2 && rows.entries(of: 1).isEmpty)
    #expect(rows.ids == [1, 5, 2] && rows.argmax == [1, 7, 2])
    #expect(Targets.sparse(rows).count == 3 && !rows.isTruncated)
  }

  @Test func whatIsRoundedToNothingIsNoEntry() {
    var rows = SparseTargets()
    rows.append(
      [(4, 0.5), (6, 0), (8, 0.25)], argmax: 4, entropy: 1.25, nextLogProbability: -2, place)
    #expect(rows.ids == [4, 8] && rows.values == [0.5, 0.25])
    #expect(rows.entropy == [1.25] && rows.nextLogProbability == [-2])
  }

  @Test func denseRowsComeBackWhole() throws {
    var rows = DenseTargets(vocabularySize: 3)
    for logits: [Float] in [[0, log(2), log(5)], [0, -.infinity, 0]] {
      try logits.withUnsafeBufferPointer {
        try rows.append(logits: $0, nextToken: 0, temperature: 1)
      }
    }
    for (found, wanted) in zip(rows.probabilities(at: 0), [0.125, 0.25, 0.625]) {
      #expect(abs(Double(found) - wanted) < 1e-3)
    }
    #expect(rows.probabilities(at: 1) == [0.5, 0, 0.5])
    #expect(rows.argmax == [2, 0] && Targets.dense(rows).count == 2)
    #expect(abs(rows.entropy[1] - Float(log(2.0))) < 1e-6)
  }

  @Test func theRowThatIsNoDistributionIsNamed() throws {
    var rows = DenseTargets(vocabularySize: 2)
    try [Float](repeating: 0, count: 2).withUnsafeBufferPointer {
      try rows.append(logits: $0, nextToken: 1, temperature: 1)
    }
    #expect(throws: ShardError.invalidLogits(position: 1)) {
      try [Float.nan, 0].withUnsafeBufferPointer {
        try rows.append(logits: $0, nextToken: 1, temperature: 1)
      }
    }
    #expect(rows.count == 1 && rows.logProbabilities.count == 2)
  }
}
