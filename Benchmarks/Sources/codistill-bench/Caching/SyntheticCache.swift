import Base
import Foundation
import Shards

/// A cache of random tokens and random targets, as many entries a prediction as wanted.
///
/// An eighth of the entries has a value of its own, as with a real teacher at τ = .05; the others
/// are worth τ each. Ids are one of each stretch of the vocabulary, so that they differ and ascend.
struct SyntheticCache {
  private let vocabularySize, length, entries: Int
  private let threshold: Double
  private let headValue: Float

  /// A cache of sequences of `length` predictions.
  init(vocabularySize: Int, length: Int, entries: Int) {
    (self.vocabularySize, self.length, self.entries) = (vocabularySize, length, entries)
    let heads = Double(max(1, entries / 8))
    // heads · 2τ + rest · τ = 1: the mass is what the sampler's would be.
    threshold = 1 / (heads + Double(entries))
    headValue = Self.storable(2 * threshold, threshold)
  }

  /// The value on the format's grid (docs/format.md, "Values") next to a probability.
  private static func storable(_ value: Double, _ threshold: Double) -> Float {
    let levels = max(64, (4 / threshold).rounded(.up))
    return Float((value * levels).rounded()) / Float(levels)
  }

  /// Writes a finished cache into an empty folder.
  ///
  /// - Throws: `ShardError`.
  func write(to folder: URL, sequences: Int) throws {
    var random = SplitMix64(seed: 1)
    let capture = CaptureConfig(
      codec: .threshold(threshold: threshold, temperature: 1), vocabularySize: vocabularySize,
      sequenceLength: length, seed: 1,
      teacher: CaptureConfig.Teacher(name: "synthetic", fingerprint: ""), tokenizerSHA256: "",
      dataFingerprint: "", bosAdded: false, eosAdded: false, arithmetic: [:])
    let tables = try CodingTables(calibrating: [sequence(0, &random)], capture: capture)
    var writer = try CacheWriter(directory: folder, capture: capture, tables: tables)
    for ordinal in 0..<sequences { try writer.append(sequence(ordinal, &random)) }
    _ = try writer.finish()
  }

  private func sequence(_ ordinal: Int, _ random: inout SplitMix64) -> CachedSequence {
    let tokens = (0...length).map { _ in random.id(below: vocabularySize) }
    var targets = SparseTargets()
    for _ in 0..<length { append(to: &targets, &random) }
    return CachedSequence(
      identity: SequenceTokens.identity(
        ordinal: ordinal, tokens: tokens, fragments: [tokens.count]),
      tokens: tokens, fragments: [tokens.count], targets: .sparse(targets))
  }

  private func append(to targets: inout SparseTargets, _ random: inout SplitMix64) {
    let stretch = vocabularySize / entries
    let ids = (0..<entries).map { Int32($0 * stretch) + random.id(below: stretch) }
    let firstHead = Int(random.id(below: 8))
    let values = (0..<entries).map { $0 % 8 == firstHead % entries ? headValue : Float(threshold) }
    targets.append(
      ids: ids, values: values, argmax: ids[firstHead % entries], nextLogProbability: -8,
      entropy: Float(log(Double(entries))))
  }
}

extension SplitMix64 {
  /// A random id in 0 ..< bound.
  fileprivate mutating func id(below bound: Int) -> Int32 {
    Int32.random(in: 0..<Int32(bound), using: &self)
  }
}
