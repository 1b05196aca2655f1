import Foundation
import Testing

@testable import Shards

/// What is found in a folder that an earlier run was at work in.
@Suite struct CapturesTests {
  private let cache = TemporaryCache()

  private func budgeted(_ threshold: Double) -> CaptureConfig {
    var capture = TemporaryCache.capture(codec: .threshold(threshold: threshold, temperature: 1))
    capture.budget = .entriesPerToken(8)
    return capture
  }

  @Test func theThresholdOfABudgetIsFoundAgain() throws {
    #expect(try budgeted(0.1).thresholdFound(in: cache.url) == nil)
    try cache.write(try TemporaryCache.sequences(2), capture: budgeted(0.05))
    #expect(try budgeted(0.1).thresholdFound(in: cache.url) == 0.05)
    var other = budgeted(0.1)
    other.budget = .entriesPerToken(9)
    #expect(try other.thresholdFound(in: cache.url) == nil)
    other = budgeted(0.1)
    other.seed += 1
    #expect(try other.thresholdFound(in: cache.url) == nil)
  }

  @Test func tablesOfTheSameSettingsAreFoundAgain() throws {
    let (capture, sequences) = (TemporaryCache.capture(), try TemporaryCache.sequences(3))
    #expect(try CodingTables(directory: cache.url, capture: capture) == nil)
    _ = try cache.writer(sequences)
    let begun = try CodingTables(directory: cache.url, capture: capture)
    #expect(try begun == TemporaryCache.tables(sequences))
    try cache.write(sequences)
    #expect(try CodingTables(directory: cache.url, capture: capture) == begun)
    var other = capture
    other.draws = 2
    #expect(try CodingTables(directory: cache.url, capture: other) == nil)
    try Data([1]).write(to: cache.path("tables-000.zst"))
    #expect(try CodingTables(directory: cache.url, capture: capture) == nil)
  }

  @Test func captureFilesThatMakeNoSenseAreNamed() throws {
    let directory = CacheDirectory(cache.url)
    try directory.create()
    var file = try CaptureFile(capture: TemporaryCache.capture(), sequences: 4)
    func fault(_ change: (inout CaptureFile) -> Void) throws -> ShardError? {
      var changed = file
      change(&changed)
      try directory.write(try CacheJSON.encode(changed), to: "capture.json")
      return #expect(throws: ShardError.self) { _ = try CaptureFile(directory) }
    }
    try directory.write(try CacheJSON.encode(file), to: "capture.json")
    #expect(try CaptureFile(directory).sequences == 4)
    let path = directory.path("capture.json")
    let nonsense = ShardError.corrupt(
      path: path, reason: "its fingerprint or its count makes no sense")
    #expect(try fault { $0.sequences = 0 } == nonsense)
    #expect(try fault { $0.fingerprint = "0" } == nonsense)
    #expect(
      try fault { $0.formatVersion = 9 } == .unsupportedVersion(path: path, version: 9))
    #expect(
      try fault { $0.capture.sequenceLength = 0 }
        == .corrupt(path: path, reason: "sequence_length: 0 is outside 1…1048576"))
    file.sequences = nil
    try directory.write(try CacheJSON.encode(file), to: "capture.json")
    #expect(try CaptureFile(directory).sequences == nil)
  }
}
