import Foundation
@testable import Measuring
import Shards
import TestRuns
import TestSupport
import Testing

/// What an audit says about small caches.
@Suite struct CacheAuditTests {
  private let sequences = Tiny.sequences(9, predictions: 30)

  private var settings: AuditSettings {
    var settings = AuditSettings()
    (settings.positions, settings.temperatures) = (90, [1, 2])
    (settings.thresholds, settings.topEntries, settings.samples) = ([0.1], [4], [25])
    return settings
  }

  private func audit(
    _ codec: CacheCodec = .sparse, in folder: URL, by source: LogitsSource? = nil
  ) throws -> AuditReport {
    let cache = try TinyCache(codec: codec).build(sequences, in: folder)
    let teacher = LogitsSource.teacher(try Tiny.decoder("llama_tied"))
    return try CacheAudit(cache, source: source ?? teacher, settings: settings).run { _, _ in }
  }

  @Test func everySettingHasARow() throws {
    try withTemporaryDirectory { folder in
      let report = try audit(in: folder)
      #expect(report.sampledTokens == 90)
      #expect(report.tokens == 270)
      #expect(report.reference == "teacher")
      let own = report.rows.filter { $0.origin == .cache }
      #expect(own.map(\.temperature) == [1, 2])
      #expect(own.map(\.reading) == [.stored, .softened])
      #expect(report.rows.filter { $0.origin == .labels }.count == 1)
      // Per temperature: a threshold, two readings of top-k, draws; and the own codec at T = 2.
      #expect(report.rows.filter { $0.origin == .captured }.count == 9)
      for row in report.rows where row.origin != .labels {
        #expect(try #require(row.bytesPerToken) > 0)
        #expect(row.figures.rmsError.isFinite && row.figures.gradientAngle.isFinite)
      }
    }
  }

  @Test func unbiasedTargetsAreToldFromCutOnes() throws {
    try withTemporaryDirectory { folder in
      let rows = try audit(in: folder).rows.filter { $0.temperature == 1 }
      let own = try #require(rows.first { $0.origin == .cache })
      #expect(own.figures.truncationKl == nil)
      #expect(abs(own.figures.klBias) < 5 * (try #require(own.figures.klBiasStderr)) + 1e-3)
      #expect(abs(own.figures.meanMass - 1) < 0.02)
      let cut = try #require(rows.first { $0.reading == .renormalized })
      let bucket = try #require(rows.first { $0.reading == .bucket })
      #expect(try #require(cut.figures.truncationKl) > 0.1)
      #expect(cut.figures.klBias > 0.1)
      #expect(bucket.figures.klBias < 0)
      #expect(abs(cut.figures.meanMass - 1) < 1e-5 && abs(bucket.figures.meanMass - 1) < 0.02)
    }
  }

  @Test func aWrongTemperatureIsWarnedAbout() throws {
    try withTemporaryDirectory { folder in
      let report = try audit(in: folder)
      let warning = try #require(report.warnings.first)
      #expect(warning.contains("captured at T = 1, wrong at T = 2"))
      #expect(warning.contains("--temperature 2"))
      #expect(report.warnings.contains { $0.contains("top-k keeps little of the mass at T = 2") })
      #expect(report.warnings.contains { $0.contains("frozen (one draw a position)") })
      let own = report.rows.filter { $0.origin == .cache }
      #expect(own[1].figures.rmsError > 1.2 * own[0].figures.rmsError)
    }
  }

  /// 8 % of the energy of hard labels' noise: as much after 1 / √.08 = 3.5 epochs.
  @Test func frozenNoiseIsComparedWithHardLabels() throws {
    try withTemporaryDirectory { folder in
      let report = try audit(in: folder)
      let labels = try #require(report.rows.first { $0.origin == .labels })
      let own = try #require(report.rows.first { $0.origin == .cache })
      let expected = labels.figures.rmsError / own.figures.rmsError
      #expect(report.frozenNoiseEpochs == expected)
      #expect(expected > 2)
      let kept = try audit(.topk(entries: 4, temperature: 1), in: folder.appending(path: "top"))
      #expect(kept.frozenNoiseEpochs == nil)
    }
  }

  /// Float16 log-probabilities are good enough: the same sample, nearly the same figures.
  @Test func aDenseCacheStandsInForTheTeacher() throws {
    try withTemporaryDirectory { folder in
      let dense = try TinyCache(codec: .whole).build(sequences, in: folder.appending(path: "dense"))
      let live = try audit(in: folder.appending(path: "a"))
      let read = try audit(in: folder.appending(path: "b"), by: .dense(dense))
      #expect(read.reference == "dense")
      for (a, b) in zip(live.rows, read.rows) where a.origin == .cache {
        #expect(abs(a.figures.rmsError - b.figures.rmsError) < 2e-3)
        #expect(abs(a.figures.klBias - b.figures.klBias) < 5e-3)
        #expect(a.figures.entriesPerToken == b.figures.entriesPerToken)
      }
    }
  }

  @Test func aReferenceOfOtherDataIsRefused() throws {
    try withTemporaryDirectory { folder in
      let dense = try TinyCache(codec: .whole).build(
        Tiny.sequences(9, predictions: 30, seed: 2), in: folder.appending(path: "dense"))
      #expect(throws: AuditError.otherData) {
        try audit(in: folder.appending(path: "a"), by: .dense(dense))
      }
    }
  }

  /// Another teacher than the cache's shows, should its fingerprint not have been asked.
  @Test func targetsOfAnotherTeacherAreDoubted() throws {
    try withTemporaryDirectory { folder in
      let other = Tiny.student(seed: 5)
      let report = try audit(in: folder, by: .teacher(other))
      #expect(report.warnings.contains { $0.contains("the stored targets are biased") })
    }
  }

  @Test func samplesAreSpreadEvenly() {
    func sample(_ count: Int, _ positions: Int) -> [Int] {
      AuditSettings.sample(count: count, positions: positions) { _ in 10 }
    }
    #expect(sample(100, 40) == [12, 37, 62, 87])
    #expect(sample(3, 1000) == [0, 1, 2])
    #expect(sample(7, 1) == [3])
    #expect(sample(0, 10) == [])
  }
}
