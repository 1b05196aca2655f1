import Foundation
import Testing

@testable import Shards

@Suite struct TargetSamplerTests {
  private func rows(
    _ codec: CacheCodec, _ logits: [Float], draws: Int = 1, seed: UInt64 = 5
  ) throws -> SparseTargets {
    var sampler = try TargetSampler(codec: codec, vocabularySize: logits.count, seed: seed)
    var targets = sampler.noTargets
    for draw in 0..<draws {
      try logits.withUnsafeBufferPointer {
        try sampler.append(
          logits: $0, nextToken: 1, sequence: 2, position: 6, draw: draw, to: &targets)
      }
    }
    return targets
  }

  private func largest(_ count: Int, _ logits: [Float]) -> [Int32] {
    logits.withUnsafeBufferPointer { TopKSampler.largest(count, of: $0) }
  }

  @Test func theLargestLogitsAreThoseOfASort() {
    var teacher = SyntheticTeacher(vocabularySize: 500, seed: 12)
    for count in [1, 2, 7, 64, 499, 500] {
      // Rounded, so that many are equal: of those the lowest ids are kept.
      let logits = teacher.logits(exponent: 1).map { ($0 * 4).rounded() }
      let order = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
      #expect(largest(count, logits) == order.prefix(count).sorted().map { Int32($0) })
    }
    #expect(largest(3, [0, -.infinity, 1, -.infinity]) == [0, 2])
  }

  @Test func topEntriesAreNearTheirProbabilities() throws {
    var teacher = SyntheticTeacher(vocabularySize: 300, seed: 4)
    let logits = teacher.logits(exponent: 1.5)
    let (p, found) = (softmax(logits), try rows(.topk(entries: 9, temperature: 1), logits))
    #expect(found.isTruncated && found.ids == largest(9, logits))
    for (id, value) in zip(found.ids, found.values) {
      #expect(abs(Double(value) - p[Int(id)]) < 4e-4)
    }
    #expect(found.values.reduce(0, +) <= 1)
    let twice = try rows(.topk(entries: 9, temperature: 1), logits, draws: 2)
    #expect(Array(twice.values.prefix(9)) == Array(twice.values.suffix(9)))
  }

  @Test func drawsAreCountsOverTheirNumber() throws {
    var teacher = SyntheticTeacher(vocabularySize: 300, seed: 4)
    let logits = teacher.logits(exponent: 1)
    let found = try rows(.sample(samples: 40, temperature: 1), logits, draws: 2)
    for row in 0..<2 {
      let counts = found.entries(of: row).map { found.values[$0] * 40 }
      #expect(counts.reduce(0, +) == 40 && counts.allSatisfy { $0 == $0.rounded() && $0 >= 1 })
    }
    #expect(found.ids[found.entries(of: 0)] != found.ids[found.entries(of: 1)])
    #expect(try rows(.sample(samples: 40, temperature: 1), logits, draws: 2) == found)
  }

  @Test func idsThatCannotBeAreNeverDrawn() throws {
    let logits: [Float] = [-.infinity, 0, -60, 0, -.infinity]
    for seed in 0..<20 {
      let found = try rows(.sample(samples: 30, temperature: 1), logits, seed: UInt64(seed))
      #expect(found.ids == [1, 3] && found.values[0] + found.values[1] == 1)
    }
  }

  @Test(arguments: [
    CacheCodec.topk(entries: 2, temperature: 1), .sample(samples: 3, temperature: 1),
  ])
  func rowsThatAreNoDistributionAreNamed(codec: CacheCodec) {
    #expect(throws: ShardError.invalidLogits(position: 6)) { try rows(codec, [0, .nan, 1]) }
  }

  @Test func wholeDistributionsAreNotSampled() {
    let refusal = ShardError.invalidSetting(
      name: "codec", reason: "dense targets are not sampled")
    #expect(throws: refusal) {
      try TargetSampler(codec: .dense(temperature: 1), vocabularySize: 9, seed: 0)
    }
    #expect(throws: ShardError.self) {
      try TargetSampler(codec: .topk(entries: 3, temperature: 1), vocabularySize: 1, seed: 0)
    }
  }
}
