import Base
import CKernels
import Foundation
import Testing

@testable import Shards

struct ThresholdSamplerTests {
  /// α: at |z| > 5.5 on at most 300 ids, a right sampler fails one seed in 80,000; seeds are fixed.
  static let bound = 5.5

  @Test(arguments: [
    (8, 0.02, 1.0), (64, 0.1, 1.0), (300, 0.05, 1.0), (300, 0.05, 2.0), (129, 0.2, 0.7),
  ])
  func storedTargetsAreUnbiased(vocabularySize: Int, threshold: Double, temperature: Double) throws
  {
    var teacher = SyntheticTeacher(vocabularySize: vocabularySize, seed: 3)
    let logits = teacher.logits(exponent: 1.2)
    let p = softmax(logits, temperature: temperature)
    let captures = 6000
    var sums = [Double](repeating: 0, count: vocabularySize)
    var squares = sums
    var targets = SparseTargets()
    for seed in 0..<captures {
      try sample(logits, threshold, temperature, seed: UInt64(seed), into: &targets)
      for entry in targets.entries(of: seed) {
        let (id, value) = (Int(targets.ids[entry]), Double(targets.values[entry]))
        sums[id] += value
        squares[id] += value * value
      }
    }
    for id in 0..<vocabularySize where p[id] / threshold * Double(captures) > 30 {
      let mean = sums[id] / Double(captures)
      let variance = max(squares[id] / Double(captures) - mean * mean, 1e-12)
      let z = (mean - p[id]) / (variance / Double(captures)).squareRoot()
      #expect(abs(z) < Self.bound, "id \(id): p \(p[id]), mean \(mean)")
    }
    let entropy = -p.reduce(0) { $0 + $1 * log($1) }
    expectMean(of: targets.entropy, is: entropy)
    expectMean(of: targets.nextLogProbability, is: log(softmax(logits)[2]))
    // Forward KL of p from itself, −H − Σ t log p: single captures scatter around 0.
    let divergences = (0..<captures).map { row in
      targets.entries(of: row).reduce(-Double(targets.entropy[row])) {
        $0 - Double(targets.values[$1]) * log(p[Int(targets.ids[$1])])
      }
    }
    expectMean(of: divergences.map { Float($0) }, is: 0)
  }

  private func expectMean(of numbers: [Float], is expected: Double) {
    let count = Double(numbers.count)
    let mean = numbers.reduce(0) { $0 + Double($1) } / count
    let variance = numbers.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    #expect(abs(mean - expected) < Self.bound * (variance / count).squareRoot() + 1e-5)
  }

  private func sample(
    _ logits: [Float], _ threshold: Double, _ temperature: Double, seed: UInt64,
    into targets: inout SparseTargets
  ) throws {
    var sampler = try ThresholdSampler(
      threshold: threshold, temperature: temperature, vocabularySize: logits.count, seed: seed)
    try logits.withUnsafeBufferPointer {
      try sampler.append(logits: $0, nextToken: 2, sequence: 11, position: 5, to: &targets)
    }
  }

  @Test(arguments: [2, 3, 127, 128, 129, 1000, 49_152, 202_048])
  func kernelKeepsArgmaxAndMass(vocabularySize: Int) {
    var teacher = SyntheticTeacher(vocabularySize: vocabularySize, seed: 5)
    var generator = SplitMix64(seed: 9)
    for round in 0..<(vocabularySize > 10_000 ? 6 : 200) {
      let threshold = Double.random(in: 0.001...0.6, using: &generator)
      let logits = teacher.logits(exponent: round % 3 == 0 ? 0.1 : teacher.exponent())
      let p = softmax(logits)
      var kept = KeptEntries(vocabularySize: vocabularySize, threshold: threshold)
      let result = logits.withUnsafeBufferPointer {
        kept.sample(
          $0, nextToken: 1, temperature: 1, threshold: threshold,
          uniform: round % 5 == 0 ? 0 : Double.random(in: 0..<1, using: &generator))
      }
      let entries = 0..<Int(result.count)
      let ids = kept.ids[entries].map { Int($0) }
      let argmax = Int(result.argmax)
      #expect(logits[argmax] == logits.max())
      #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
      // Every certain entry is there with its value, and no sampled one is among them.
      for id in p.indices where p[id] > threshold * (1 + 1e-5) || id == argmax {
        let entry = ids.firstIndex(of: id)
        #expect(entry != nil)
        guard let entry else { continue }
        #expect(kept.head[entry] == 1)
        #expect(abs(Double(kept.values[entry]) / p[id] - 1) < 1e-5)
      }
      let mass = entries.reduce(0.0) { $0 + Double(kept.values[$1]) }
      #expect(abs(mass - 1) < threshold * 1.0001 + 1e-6)
      #expect(abs(result.entropy + p.reduce(0) { $0 + $1 * log($1) }) < 1e-4)
      #expect(abs(result.next_log_probability - log(p[1])) < 1e-5)
    }
  }

  @Test func infiniteLogitsAreNamed() throws {
    for bad in [Float.nan, .infinity] {
      var logits = [Float](repeating: 0, count: 200)
      logits[150] = bad
      #expect(throws: ShardError.invalidLogits(position: 5)) {
        var targets = SparseTargets()
        try sample(logits, 0.05, 1, seed: 0, into: &targets)
      }
    }
    // Ids that are ruled out are no mistake.
    var logits = [Float](repeating: -.infinity, count: 200)
    logits[3] = 1
    var targets = SparseTargets()
    try sample(logits, 0.05, 1, seed: 0, into: &targets)
    #expect(targets.ids == [3] && targets.values == [1] && targets.entropy == [0])
  }

  /// RMS of ‖t − p‖ against 50 draws with replacement (RS-KD), whose mean square is (1 − Σp²) / 50.
  @Test func errorIsAtMostThatOfFiftyDraws() throws {
    var teacher = SyntheticTeacher(vocabularySize: 2000, seed: 21)
    var (ours, draws, entropy) = (0.0, 0.0, 0.0)
    let positions = 400
    for position in 0..<positions {
      let logits = teacher.logits(exponent: 1 + 1.5 * Float(position) / Float(positions))
      let p = softmax(logits)
      var targets = SparseTargets()
      try sample(logits, 0.05, 1, seed: UInt64(position), into: &targets)
      let square = p.reduce(0) { $0 + $1 * $1 }
      ours += targets.entries(of: 0).reduce(square) {
        let (q, t) = (p[Int(targets.ids[$1])], Double(targets.values[$1]))
        return $0 + (t - q) * (t - q) - q * q
      }
      draws += (1 - square) / 50
      entropy -= p.reduce(0) { $0 + $1 * log($1) }
    }
    // The spread of a real language model: 2.6 nats on average (docs/cache.md, "Against others").
    #expect(entropy / Double(positions) > 2.4 && entropy / Double(positions) < 3)
    #expect(ours < draws)
  }

  @Test func settingsOutOfRangeAreRefused() {
    for (threshold, temperature) in [(0, 1), (-1, 1), (.nan, 1), (2, 1), (0.05, 0), (0.05, .nan)] {
      #expect(throws: ShardError.self) {
        _ = try ThresholdSampler(
          threshold: threshold, temperature: temperature, vocabularySize: 8, seed: 0)
      }
    }
  }
}
