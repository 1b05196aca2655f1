import Foundation
import Testing

@testable import Shards

/// What a cache gives back, after rounding and through its frames, is right on average.
@Suite struct UnbiasednessTests {
  /// Several times the 200 captures that the project asks for.
  private static let captures = 512
  private static let vocabularySize = 200
  private static let positions = 6
  /// At |z| > 5 on the 1,300 numbers of all cases a right codec fails one choice of seeds in 1,300;
  /// the seeds are fixed.
  private static let bound = 5.0

  @Test(arguments: [
    CacheCodec.threshold(threshold: 0.05, temperature: 1),
    .threshold(threshold: 0.1, temperature: 2), .sample(samples: 50, temperature: 1),
    .sample(samples: 20, temperature: 2),
  ])
  func storedTargetsAreRightOnAverage(codec: CacheCodec) throws {
    var teacher = SyntheticTeacher(vocabularySize: Self.vocabularySize, seed: 77)
    let rows = (0..<Self.positions).map { teacher.logits(exponent: 0.8 + 0.4 * Float($0)) }
    let tokens = teacher.tokens(Self.positions + 1)
    let frames = try frames(rows, tokens, codec)
    var means = (0..<Self.positions).map { _ in Means(count: Self.vocabularySize + 2) }
    for seed in 0..<UInt64(Self.captures) {
      let targets = try stored(sequence(rows, tokens, codec, seed: seed), frames)
      for row in rows.indices { means[row].add(numbers(targets, row)) }
    }
    for (row, logits) in rows.enumerated() {
      let p = softmax(logits, temperature: codec.temperature)
      let entropy = -p.reduce(0) { $0 + $1 * log($1) }
      let next = log(softmax(logits)[Int(tokens[row + 1])])
      for (index, expected) in (p + [entropy, next]).enumerated() {
        // Ids too rare to be met thirty times are not normal yet.
        let rate = codec.threshold ?? 1 / Double(codec.samples ?? 1)
        if index < p.count, expected / rate * Double(Self.captures) < 30 { continue }
        let z = means[row].z(index, expected: expected)
        #expect(abs(z) < Self.bound, "position \(row), number \(index): z = \(z)")
      }
    }
  }

  /// Codes frames by tables from one capture, which know little of the others.
  private func frames(
    _ rows: [[Float]], _ tokens: [Int32], _ codec: CacheCodec
  ) throws -> FrameCodec {
    let capture = TemporaryCache.capture(codec: codec, vocabularySize: Self.vocabularySize)
    let tables = try CodingTables(
      calibrating: [sequence(rows, tokens, codec, seed: 0)], capture: capture)
    return try FrameCodec(capture, tables: tables)
  }

  private func sequence(
    _ rows: [[Float]], _ tokens: [Int32], _ codec: CacheCodec, seed: UInt64
  ) throws -> CachedSequence {
    var sampler = try TargetSampler(
      codec: codec, vocabularySize: Self.vocabularySize, seed: seed)
    var targets = sampler.noTargets
    for (position, logits) in rows.enumerated() {
      try logits.withUnsafeBufferPointer {
        try sampler.append(
          logits: $0, nextToken: tokens[position + 1], sequence: 9, position: position,
          to: &targets)
      }
    }
    return CachedSequence(
      identity: 9, tokens: tokens, fragments: [tokens.count], targets: .sparse(targets))
  }

  /// The targets of one capture as a reader of its frame gets them.
  private func stored(_ sequence: CachedSequence, _ frames: FrameCodec) throws -> SparseTargets {
    let frame = try frames.encode(sequence)
    let payload = try ZstdFrame.decompress(frame.bytes, size: frame.payloadSize)
    guard case .sparse(let found) = try frames.decode(payload: payload, identity: 9).targets else {
      throw ShardError.invalidSequence(reason: "sparse targets expected")
    }
    return found
  }

  /// The estimates of every id, the entropy, and the next token's log-probability.
  private func numbers(_ targets: SparseTargets, _ row: Int) -> [Double] {
    var result = [Double](repeating: 0, count: Self.vocabularySize)
    for entry in targets.entries(of: row) {
      result[Int(targets.ids[entry])] = Double(targets.values[entry])
    }
    return result + [Double(targets.entropy[row]), Double(targets.nextLogProbability[row])]
  }
}

/// Running means with their standard errors.
private struct Means {
  private var count = 0.0
  private var sums, squares: [Double]

  init(count: Int) {
    sums = Array(repeating: 0, count: count)
    squares = sums
  }

  mutating func add(_ numbers: [Double]) {
    count += 1
    for (index, number) in numbers.enumerated() {
      sums[index] += number
      squares[index] += number * number
    }
  }

  /// How many standard errors the mean is off; 1e-6 is what float32 may add to them.
  func z(_ index: Int, expected: Double) -> Double {
    let mean = sums[index] / count
    let variance = max(0, squares[index] / count - mean * mean)
    return (mean - expected) / ((variance / count).squareRoot() + 1e-6)
  }
}
