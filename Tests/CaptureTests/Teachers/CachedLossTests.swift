@testable import Capture
@testable import Losses
import Shards
import TestRuns
import TestSupport
import Testing
import Text

/// A loss cannot tell a cached teacher from a live one.
@Suite struct CachedLossTests {
  @Test(arguments: [
    CacheCodec.sparse, .threshold(threshold: 0.02, temperature: 2), .whole, .dense(temperature: 2),
  ])
  func cachedLossIsTheLiveLossBitForBit(codec: CacheCodec) throws {
    let sequences = Tiny.sequences(6)
    let cache = TinyCache(codec: codec)
    let runner = TeacherRunner(
      teacher: try Tiny.decoder(cache.teacher), codec: codec, seed: TinyCache.seed)
    try withTemporaryDirectory { folder in
      let reader = try cache.build(sequences, in: folder)
      #expect(reader.count == sequences.count)
      for (index, sequence) in sequences.enumerated() {
        let cached = try reader.sequence(at: index)
        #expect(PackedSequence(cached.text) == sequence)
        let live = try runner.targets(sequence, identity: cached.identity)
        #expect(cached.targets == live)
        #expect(
          result(sequence, cached.targets, codec) == result(sequence, live, codec), "\(index)")
        #expect(try runner.capture(sequence, ordinal: index) == cached)
      }
    }
  }

  private func result(
    _ sequence: PackedSequence, _ targets: Targets, _ codec: CacheCodec
  ) -> LossResult {
    let count = sequence.predictionCount
    return LossResult(
      hidden: .random(count * 5, seed: 1), output: .random(Tiny.vocabulary * 5, seed: 2), width: 5,
      LossTargets(
        labels: sequence.labels, signal: TeacherSignal([targets]),
        soft: Array(repeating: 0.9, count: count), hard: Array(repeating: 0.1, count: count),
        temperature: Float(codec.temperature)),
      normalizer: Float(count))
  }

  @Test func otherSeedsGiveOtherDraws() throws {
    let sequence = Tiny.sequences(1)[0]
    let teacher = try Tiny.decoder("llama_tied")
    let draws = try (0..<2).map { seed in
      try TeacherRunner(teacher: teacher, codec: .sparse, seed: seed)
        .targets(sequence, identity: 1)
    }
    #expect(draws[0] != draws[1])
  }
}
