@testable import Capture
import Foundation
import Shards
import TestRuns
import TestSupport
import Testing
import Text

@Suite struct CapturePlannerTests {
  private static let codecs: [CacheCodec] = [
    .sparse, .topk(entries: 5, temperature: 1), .sample(samples: 9, temperature: 1), .whole,
  ]

  private func planner(_ sequences: [PackedSequence], _ cache: TinyCache) throws -> CapturePlanner {
    CapturePlanner(
      teacher: .resident(try Tiny.decoder(cache.teacher)), sequences: sequences,
      capture: cache.capture)
  }

  private func bytes(of folder: URL) throws -> Int {
    try contents(of: folder).filter { !$0.key.hasSuffix("lock") }.values.reduce(0) { $0 + $1.count }
  }

  /// Where everything has been looked at, nothing is left to predict but the manifest's digits.
  @Test(arguments: codecs.filter(\.isSparse))
  func aPlanOfEverythingIsTheCache(codec: CacheCodec) throws {
    try withTemporaryDirectory { folder in
      let (sequences, cache) = (Tiny.sequences(13, predictions: 40), TinyCache(codec: codec))
      let plan = try planner(sequences, cache).plan(limit: .init(positions: 1))
      let reader = try cache.build(sequences, in: folder)
      #expect(plan.tokens == 13 * 40 && plan.sequences == 13 && plan.sampledTokens == 13 * 40)
      let size = try #require(plan.sizes.first)
      let real = try bytes(of: folder)
      #expect(abs(size.bytes - real) <= 8 * reader.manifest.shards.count, "not \(real)")
      #expect(size.uncertainty == 0)
      let kept = try reader.statistics().entriesPerToken
      #expect(abs(size.entriesPerToken - kept) < 1e-9)
    }
  }

  @Test(arguments: [(CacheCodec.sparse, 440), (.whole, 30)])
  func aPlanOfAPartIsClose(codec: CacheCodec, count: Int) throws {
    try withTemporaryDirectory { folder in
      let (sequences, cache) = (Tiny.sequences(count, predictions: 40), TinyCache(codec: codec))
      let plan = try planner(sequences, cache).plan(limit: .init(positions: 400))
      try cache.build(sequences, in: folder)
      #expect(plan.sampledTokens < plan.tokens && plan.cutTo == nil)
      let size = try #require(plan.sizes.first)
      let real = Double(try bytes(of: folder))
      #expect(abs(Double(size.bytes) / real - 1) < 0.02, "\(size.bytes), not \(real)")
      #expect(abs(size.bytesPerToken * Double(plan.tokens) - Double(size.bytes)) < 1e-6 * real)
    }
  }

  @Test func othersAreWhatTheirOwnPlansSay() throws {
    let sequences = Tiny.sequences(30, predictions: 40)
    let plan = try planner(sequences, TinyCache()).plan(
      others: Self.codecs, limit: .init(positions: 1))
    #expect(plan.sizes.map(\.codec) == Self.codecs)
    for (codec, size) in zip(Self.codecs, plan.sizes) {
      let own = try planner(sequences, TinyCache(codec: codec)).plan(limit: .init(positions: 1))
      #expect(own.sizes.map(\.bytes) == [size.bytes])
    }
  }

  @Test func speedsAreThoseOfTheWork() throws {
    let plan = try planner(Tiny.sequences(30, predictions: 40), TinyCache()).plan(
      limit: .init(positions: 1))
    #expect(plan.tokensPerSecond > 0 && plan.tokensPerSecond < plan.teacherTokensPerSecond)
    #expect(plan.readTokensPerSecond > 0 && plan.readTokensPerSecond.isFinite)
    // What the calibration asks is not asked again: one pass over everything.
    #expect(abs(plan.seconds - 1200 / plan.tokensPerSecond) < 1e-9 * plan.seconds)
    #expect(plan.peakBytes > 1 << 20)
  }

  @Test func aLimitOfTimeStillLooksAtSomething() throws {
    let plan = try planner(Tiny.sequences(100, predictions: 40), TinyCache()).plan(
      limit: .init(positions: 10_000, seconds: 1e-9))
    #expect(plan.sampledTokens > 0 && plan.sampledTokens < plan.tokens / 2)
    // A teacher so slow is looked at for a few positions of each sequence.
    #expect(plan.cutTo == 8 && plan.sampledTokens % 8 == 0)
    let size = try #require(plan.sizes.first)
    #expect(size.uncertainty > 0 && size.bytesPerToken > 10 && size.bytesPerToken < 60)
  }
}

@Suite struct ThresholdBudgetTests {
  private let sequences = Tiny.sequences(20, predictions: 40)

  private func threshold(_ budget: CaptureBudget) throws -> Double {
    try ThresholdBudget(
      teacher: .resident(try Tiny.decoder("llama_tied")), sequences: sequences,
      capture: TinyCache().capture
    ).threshold(budget)
  }

  private func build<Value>(
    _ threshold: Double, _ body: (CacheReader, URL) throws -> Value
  ) throws -> Value {
    try withTemporaryDirectory { folder in
      let cache = TinyCache(codec: .threshold(threshold: threshold, temperature: 1))
      return try body(try cache.build(sequences, in: folder), folder)
    }
  }

  @Test(arguments: [4.0, 12.5]) func entriesAreKeptTo(entries: Double) throws {
    let threshold = try threshold(.entriesPerToken(entries))
    let found = try build(threshold) { reader, _ in
      try reader.statistics(limit: 1000).entriesPerToken
    }
    #expect(abs(found / entries - 1) < 0.05, "τ = \(threshold) keeps \(found)")
  }

  @Test(arguments: [14.0, 22]) func bytesAreKeptTo(bytes: Double) throws {
    let threshold = try threshold(.bytesPerToken(bytes))
    let found = try build(threshold) { reader, folder in
      let files = try contents(of: folder).filter { !$0.key.hasSuffix("lock") }
      return Double(files.values.reduce(0) { $0 + $1.count }) / Double(reader.manifest.tokens)
    }
    #expect(found / bytes < 1.01 && found / bytes > 0.96, "τ = \(threshold) takes \(found)")
  }

  @Test(arguments: [CaptureBudget.entriesPerToken(7), .bytesPerToken(15)])
  func anyNumberOfThreadsFindsTheSame(budget: CaptureBudget) throws {
    let found = try [1, 3].map { threads in
      try withThreadCount(threads) { try threshold(budget) }
    }
    #expect(Set(found).count == 1)
  }

  @Test(arguments: [CaptureBudget.entriesPerToken(0.5), .bytesPerToken(0.5)])
  func whatNoThresholdKeepsToIsRefused(budget: CaptureBudget) {
    #expect(throws: BudgetError.self) { try threshold(budget) }
  }

  @Test func aBudgetBeyondAllIsTheLeastThreshold() throws {
    #expect(try threshold(.entriesPerToken(1e6)) == 0.0001)
  }

  @Test func anUnfinishedCaptureHasFoundItsThreshold() throws {
    try withTemporaryDirectory { folder in
      var capture = TinyCache().capture
      (capture.budget, capture.codec) = (
        .entriesPerToken(6), .threshold(threshold: 0.0712, temperature: 1)
      )
      _ = try CacheBuilder(
        teacher: .resident(try Tiny.decoder("llama_tied")), sequences: Array(sequences.prefix(9)),
        capture: capture
      ).build(directory: folder)
      capture.codec = .sparse
      #expect(try capture.thresholdFound(in: folder) == 0.0712)
      capture.budget = .entriesPerToken(7)
      #expect(try capture.thresholdFound(in: folder) == nil)
      capture.budget = .entriesPerToken(6)
      capture.dataFingerprint = "other"
      #expect(try capture.thresholdFound(in: folder) == nil)
    }
  }
}
