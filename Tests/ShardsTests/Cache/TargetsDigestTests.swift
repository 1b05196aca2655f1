import Testing

@testable import Shards

/// What tells the targets of two caches of one text apart.
@Suite struct TargetsDigestTests {
  /// The digest of a small cache made under some settings.
  private func digest(
    codec: CacheCodec = .threshold(threshold: 0.05, temperature: 1), seed: UInt64 = 7,
    draws: Int = 1, _ change: (inout CaptureConfig) -> Void = { _ in }
  ) throws -> String {
    var capture = TemporaryCache.capture(codec: codec, seed: seed, draws: draws)
    change(&capture)
    let sequences = try TemporaryCache.sequences(3, codec: codec, draws: draws)
    return try TemporaryCache().write(sequences, capture: capture).targetsDigest()
  }

  @Test func whatDecidesTargetsChangesIt() throws {
    let digests = [
      try digest(), try digest(seed: 8), try digest(draws: 2),
      try digest(codec: .threshold(threshold: 0.1, temperature: 1)),
      try digest(codec: .threshold(threshold: 0.05, temperature: 2)),
      try digest(codec: .topk(entries: 5, temperature: 1)),
      try digest { $0.teacher.fingerprint = "11ff" },
      try digest { $0.dataFingerprint = "cc" },
      try digest { $0.arithmetic["precision"] = "bfloat16" },
      try digest { $0.maturity = TeacherMaturity(firstStep: 0, sequencesPerStep: 1, steps: 9) },
    ]
    #expect(Set(digests).count == digests.count)
    #expect(digests.allSatisfy { $0.utf8.count == 64 })
  }

  @Test func howItIsStoredDoesNot() throws {
    let expected = try digest()
    #expect(try digest { $0.teacher.name = "elsewhere/toy" } == expected)
    #expect(try digest { $0.sequencesPerShard = 2 } == expected)
    #expect(try digest { $0.zstdLevel = 9 } == expected)
    #expect(try digest { $0.budget = .entriesPerToken(5) } == expected)
  }
}
