import Foundation
import Shards
import Testing

@Suite struct ExpectedEntriesTests {
  /// Rows from nearly certain to nearly uniform.
  private let rows: [[Float]] = (0..<12).map { row in
    (0..<300).map { id in Float((id * 7919 + row * 104_729) % 1000) / 1000 * Float(row) * 1.5 }
  }

  private func expected(temperature: Double = 1) throws -> ExpectedEntries {
    var expected = ExpectedEntries(temperature: temperature)
    for row in rows { try row.withUnsafeBufferPointer { try expected.add(logits: $0) } }
    return expected
  }

  /// The definition, entry by entry: certain ones count 1, the others p / τ.
  private func byDefinition(_ threshold: Double, temperature: Double) -> Double {
    let sums = rows.map { row -> Double in
      let weights = row.map { exp(Double($0) / temperature) }
      let sum = weights.reduce(0, +)
      let largest = weights.indices.max { weights[$0] < weights[$1] }
      return weights.enumerated().reduce(0) {
        let probability = $1.element / sum
        return $0 + ($1.offset == largest ? 1 : min(1, probability / threshold))
      }
    }
    return sums.reduce(0, +) / Double(rows.count)
  }

  @Test(arguments: [1.0, 0.1, 0.05, 0.01, 0.0001], [1.0, 2.0])
  func meanIsThatOfTheDefinition(threshold: Double, temperature: Double) throws {
    let found = try expected(temperature: temperature).mean(threshold: threshold)
    let wanted = byDefinition(threshold, temperature: temperature)
    #expect(abs(found - wanted) < 1e-5 * wanted, "\(found) \(wanted)")
  }

  @Test func meanIsWhatASamplerKeeps() throws {
    var sampler = try TargetSampler(
      codec: .threshold(threshold: 0.02, temperature: 1), vocabularySize: 300, seed: 1)
    var kept = SparseTargets()
    for position in 0..<2000 {
      try rows[position % rows.count].withUnsafeBufferPointer {
        try sampler.append(
          logits: $0, nextToken: 0, sequence: 3, position: position, to: &kept)
      }
    }
    // Systematic sampling keeps the expected number, rounded up or down, at every position.
    let mean = Double(kept.ids.count) / 2000
    #expect(abs(mean - (try expected().mean(threshold: 0.02))) < 0.1)
  }

  @Test(arguments: [3.0, 9.5, 40, 200])
  func thresholdIsTheLeastOfThreeDigitsThatKeepsToTheBudget(entries: Double) throws {
    let expected = try expected()
    let threshold = try #require(expected.threshold(entries: entries))
    #expect(expected.mean(threshold: threshold) <= entries)
    let digits = pow(10, (log10(threshold) + 1e-12).rounded(.down) - 2)
    #expect(expected.mean(threshold: threshold - digits) > entries)
    #expect(abs(threshold / digits - (threshold / digits).rounded()) < 1e-9)
  }

  @Test func budgetsBeyondTheFormatEndAtItsLimits() throws {
    #expect(try expected().threshold(entries: 1e6) == 0.0001)
    #expect(try expected().threshold(entries: 1.5) == nil)
  }

  @Test func partsAddUp() throws {
    var (whole, part) = (ExpectedEntries(temperature: 1), ExpectedEntries(temperature: 1))
    for (number, row) in rows.enumerated() {
      try row.withUnsafeBufferPointer {
        if number < 5 { try whole.add(logits: $0) } else { try part.add(logits: $0) }
      }
    }
    whole.add(part)
    #expect(whole.count == rows.count)
    let (sum, direct) = (whole.mean(threshold: 0.03), try expected().mean(threshold: 0.03))
    #expect(abs(sum - direct) < 1e-12 * direct)
  }

  @Test func roundedThresholdsAreDecimals() {
    #expect(RoundThreshold.atLeast(0.04321) == 0.0433)
    #expect(RoundThreshold.atLeast(0.05) == 0.05)
    #expect(RoundThreshold.atLeast(0.00012340001) == 0.000124)
    #expect(RoundThreshold.atLeast(0.9991) == 1)
    #expect(RoundThreshold.atLeast(0) == 0.0001)
  }
}

@Suite struct CaptureBudgetTests {
  @Test(arguments: [CaptureBudget.entriesPerToken(8.5), .bytesPerToken(12)])
  func survivesJSON(budget: CaptureBudget) throws {
    let data = try JSONEncoder().encode(budget)
    #expect(try JSONDecoder().decode(CaptureBudget.self, from: data) == budget)
  }
}
