import Base
import Foundation

@testable import Shards

/// Logits that look like a language model's: Zipf-like, sure at some positions and not at others.
struct SyntheticTeacher {
  let vocabularySize: Int
  private var generator: SplitMix64

  init(vocabularySize: Int, seed: UInt64) {
    self.vocabularySize = vocabularySize
    generator = SplitMix64(seed: seed)
  }

  /// Probability falls as rank^−exponent, with noise, over ids in random order.
  mutating func logits(exponent: Float) -> [Float] {
    var ids = Array(0..<vocabularySize)
    ids.shuffle(using: &generator)
    var row = [Float](repeating: 0, count: vocabularySize)
    for (rank, id) in ids.enumerated() {
      row[id] = -exponent * log(Float(rank + 1)) + Float.random(in: -0.3...0.3, using: &generator)
    }
    return row
  }

  mutating func exponent() -> Float { Float.random(in: 1...4, using: &generator) }

  mutating func tokens(_ count: Int) -> [Int32] {
    (0..<count).map { _ in
      Int32(pow(Double.random(in: 0..<1, using: &generator), 3) * Double(vocabularySize))
    }
  }

  /// A sequence of `count` tokens in fragments, with its targets.
  mutating func sequence(
    ordinal: Int, count: Int, codec: CacheCodec = .threshold(threshold: 0.05, temperature: 1),
    draws: Int = 1, masked: Bool = false
  ) throws -> CachedSequence {
    let tokens = tokens(count)
    let fragments = count > 8 ? [5, count - 5] : [count]
    let identity = SequenceTokens.identity(
      ordinal: ordinal, tokens: tokens, fragments: fragments)
    let records = count - fragments.count
    let mask = masked ? (0..<records).map { _ in Bool.random(using: &generator) } : nil
    let text = SequenceTokens(
      identity: identity, tokens: tokens, fragments: fragments, lossMask: mask)
    let targets =
      codec.isSparse
      ? try sparse(text, codec, draws) : [try dense(records, temperature: codec.temperature)]
    return CachedSequence(text: text, draws: targets)
  }

  private mutating func dense(_ records: Int, temperature: Double) throws -> Targets {
    var rows = DenseTargets(vocabularySize: vocabularySize)
    for _ in 0..<records {
      try logits(exponent: exponent()).withUnsafeBufferPointer {
        try rows.append(logits: $0, nextToken: 0, temperature: temperature)
      }
    }
    return .dense(rows)
  }

  private mutating func sparse(
    _ text: SequenceTokens, _ codec: CacheCodec, _ draws: Int
  ) throws -> [Targets] {
    var sampler = try TargetSampler(codec: codec, vocabularySize: vocabularySize, seed: 7)
    var rows = (0..<draws).map { _ in sampler.noTargets }
    for position in 0..<text.recordCount {
      // An exponent of 40 leaves one entry.
      let row = logits(exponent: position == 0 ? 40 : exponent())
      for draw in rows.indices {
        try row.withUnsafeBufferPointer {
          try sampler.append(
            logits: $0, nextToken: 1, sequence: text.identity, position: position, draw: draw,
            to: &rows[draw])
        }
      }
    }
    return rows.map { .sparse($0) }
  }
}

/// softmax(logits / temperature) in Double.
func softmax(_ logits: [Float], temperature: Double = 1) -> [Double] {
  let largest = Double(logits.max() ?? 0)
  let exponentials = logits.map { exp((Double($0) - largest) / temperature) }
  let sum = exponentials.reduce(0, +)
  return exponentials.map { $0 / sum }
}
