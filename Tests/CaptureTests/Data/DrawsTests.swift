@testable import Capture
import Foundation
import Shards
import TestRuns
import TestSupport
import Testing

/// A cache with several draws: each epoch learns from the next.
@Suite struct DrawsTests {
  private static let threshold = Float(0.05)

  private func cache(
    _ codec: CacheCodec, draws: Int, in folder: URL
  ) throws -> CacheReader {
    var capture = TinyCache(codec: codec).capture
    capture.draws = draws
    let builder = CacheBuilder(
      teacher: .resident(try Tiny.decoder("llama_tied")), sequences: Tiny.sequences(5),
      capture: capture)
    _ = try builder.build(directory: folder)
    return try CacheReader(directory: folder)
  }

  private func targets(
    _ data: TrainingData, epoch: Int
  ) throws -> SparseTargets {
    guard case .sparse(let rows) = try data.sample(2, epoch: epoch).targets else {
      throw CancellationError()
    }
    return rows
  }

  /// Per row, the entries that are kept for certain, by id.
  private func heads(_ targets: SparseTargets) -> [[Int32: Float]] {
    (0..<targets.count).map { row in
      let entries = targets.entries(of: row).filter {
        targets.values[$0] > Self.threshold || targets.ids[$0] == targets.argmax[row]
      }
      return Dictionary(uniqueKeysWithValues: entries.map { (targets.ids[$0], targets.values[$0]) })
    }
  }

  @Test func everyEpochSeesOtherSampledEntriesAndTheSameHeads() throws {
    try withTemporaryDirectory { folder in
      let data = TrainingData.cached(try cache(.sparse, draws: 3, in: folder))
      let epochs = try (0..<7).map { try targets(data, epoch: $0) }
      for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        #expect(epochs[a].ids != epochs[b].ids)
        #expect(heads(epochs[a]) == heads(epochs[b]))
        #expect(epochs[a].argmax == epochs[b].argmax)
        #expect(epochs[a].entropy == epochs[b].entropy)
        #expect(epochs[a].nextLogProbability == epochs[b].nextLogProbability)
      }
      #expect(heads(epochs[0]).contains { $0.count > 1 })
      for epoch in 3..<7 { #expect(epochs[epoch] == epochs[epoch % 3]) }
    }
  }

  @Test func drawnTokensDifferFromEpochToEpoch() throws {
    try withTemporaryDirectory { folder in
      let codec = CacheCodec.sample(samples: 20, temperature: 1)
      let data = TrainingData.cached(try cache(codec, draws: 2, in: folder))
      let epochs = try (0..<3).map { try targets(data, epoch: $0) }
      #expect(epochs[0] != epochs[1] && epochs[0] == epochs[2])
      #expect(epochs[0].argmax == epochs[1].argmax)
    }
  }

  /// The first draw is what a cache of one draw holds.
  @Test func moreDrawsChangeNothingOfTheFirst() throws {
    try withTemporaryDirectory { folder in
      let one = try cache(.sparse, draws: 1, in: folder.appending(path: "one"))
      let three = try cache(.sparse, draws: 3, in: folder.appending(path: "three"))
      #expect(
        try targets(.cached(one), epoch: 5) == targets(.cached(three), epoch: 0))
    }
  }
}
