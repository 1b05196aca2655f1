@testable import Capture
import Foundation
import Shards
import TestRuns
import TestSupport
import Testing

/// What calibration asks the teacher is not asked again.
@Suite struct CalibrationTests {
  private let sequences = Tiny.sequences(13, predictions: 40)

  private func builder(
    _ codec: CacheCodec, draws: Int = 1,
    progress: @escaping (CacheBuilder.Progress) -> Void = { _ in }
  ) throws -> CacheBuilder {
    var capture = TinyCache(teacher: "text_top2_tied", codec: codec).capture
    (capture.vocabularySize, capture.draws) = (128, draws)
    return CacheBuilder(
      teacher: try Tiny.decoder("text_top2_tied"), sequences: sequences, capture: capture,
      progress: progress)
  }

  @Test(
    "case calibration: a cache within its calibration takes one pass of its teacher, and the same bytes",
    arguments: [
      (CacheCodec.threshold(threshold: 0.05, temperature: 2), 1),
      (.threshold(threshold: 0.05, temperature: 1), 3), (.topk(entries: 5, temperature: 1), 1),
      (.sample(samples: 9, temperature: 1), 2),
    ])
  func onePassOfTheTeacher(codec: CacheCodec, draws: Int) throws {
    try withTemporaryDirectory { folder in
      let (kept, asked) = (folder.appending(path: "kept"), folder.appending(path: "asked"))
      var last: CacheBuilder.Progress?
      let builder = try builder(codec, draws: draws) { last = $0 }
      _ = try builder.build(directory: kept)
      #expect(last?.teacherTokens == 13 * 40)
      // Tables that lie there already, as after a kill: every answer is asked for anew.
      let calibration = try #require(try builder.calibrated())
      let again = try builder.build(directory: asked, Calibration(tables: calibration.tables))
      #expect(last?.teacherTokens == 13 * 40 && last?.newTokens == 13 * 40)
      guard case .finished = again else {
        Issue.record("the cache was to be finished")
        return
      }
      #expect(try contents(of: asked) == contents(of: kept))
    }
  }

  @Test("case calibration: a worker keeps the answers to its own units")
  func workersKeepTheirOwn() throws {
    try withTemporaryDirectory { folder in
      var last: CacheBuilder.Progress?
      for index in 0..<2 {
        let builder = try builder(.sparse) { last = $0 }
        _ = try builder.build(
          directory: folder.appending(path: "\(index)"), share: WorkShare(index: index, count: 2))
        // Each finds its folder without tables and calibrates on all; no sequence of its own is new.
        #expect(last?.teacherTokens == 13 * 40)
        #expect(last?.newTokens == (index == 0 ? 8 : 5) * 40)
      }
    }
  }

  @Test("case calibration: a kill after any unit leaves no trace")
  func killsLeaveNoTrace() throws {
    try withTemporaryDirectory { folder in
      let (whole, parts) = (folder.appending(path: "whole"), folder.appending(path: "parts"))
      _ = try builder(.sparse).build(directory: whole)
      for unit in 0..<3 {
        var made = 0
        let killed = CacheBuilder(
          teacher: try Tiny.decoder("text_top2_tied"), sequences: sequences,
          capture: try builder(.sparse).capture, isInterrupted: { made > unit },
          progress: { made = $0.tokens / 160 })
        _ = try killed.build(directory: parts)
      }
      _ = try builder(.sparse).build(directory: parts)
      #expect(try contents(of: parts) == contents(of: whole))
    }
  }

  @Test("case calibration: an interruption while calibrating stores nothing")
  func interruptedCalibration() throws {
    try withTemporaryDirectory { folder in
      let builder = CacheBuilder(
        teacher: try Tiny.decoder("text_top2_tied"), sequences: sequences,
        capture: try builder(.sparse).capture, isInterrupted: { true })
      guard
        case .interrupted(sequences: 0) = try withThreadCount(
          1, { try builder.build(directory: folder) })
      else {
        Issue.record("it was to be interrupted")
        return
      }
      #expect(try contents(of: folder).isEmpty)
    }
  }
}
