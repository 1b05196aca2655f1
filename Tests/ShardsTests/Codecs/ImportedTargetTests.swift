import Foundation
import Shards
import Testing

@Suite struct ImportedTargetTests {
  private let ids: [Int32] = [7, 2, 90, 4]
  private let probabilities = [0.55, 0.2, 0.11, 0.03]

  private func row(_ sequence: Int) throws -> SparseTargets {
    let sampler = try ImportedTargetSampler(entries: 3, vocabularySize: 100, seed: 1)
    var targets = sampler.noTargets
    sampler.append(
      ids: ids, logProbabilities: probabilities.map { log($0) }, nextLogProbability: -3.21,
      sequence: UInt64(sequence), position: 5, to: &targets)
    return targets
  }

  @Test func theLikeliestAreKeptInOrderOfIDs() throws {
    let targets = try row(1)
    #expect(targets.isTruncated && targets.count == 1)
    #expect(targets.ids == [2, 7, 90] && targets.argmax == [7])
    #expect(try row(1) == targets)
  }

  /// Of many roundings each number is right on average.
  @Test func roundingIsUnbiased() throws {
    let count = 4_000
    let rows = try (0..<count).map { try row($0) }
    let expected = [0.2, 0.55, 0.11, -3.21, entropy]
    let found = rows.map { row in
      row.values.map(Double.init)
        + [Double(row.nextLogProbability[0]), Double(row.entropy[0])]
    }
    for (index, value) in expected.enumerated() {
      let numbers = found.map { $0[index] }
      let mean = numbers.reduce(0, +) / Double(count)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
      let error = (variance / Double(count)).squareRoot()
      #expect(abs(mean - value) < 4 * error + 1e-6, "\(index): \(mean) for \(value)")
      #expect(error < 0.002)
    }
  }

  /// That of the kept tokens, and of all others as one class of 0.14.
  private var entropy: Double {
    [0.55, 0.2, 0.11, 0.14].reduce(0) { $0 - $1 * log($1) }
  }

  @Test func parametersOutOfRangeAreRefused() {
    #expect(throws: ShardError.self) {
      try ImportedTargetSampler(entries: 0, vocabularySize: 100, seed: 1)
    }
    #expect(throws: ShardError.self) {
      try ImportedTargetSampler(entries: 3, vocabularySize: 1, seed: 1)
    }
  }
}
