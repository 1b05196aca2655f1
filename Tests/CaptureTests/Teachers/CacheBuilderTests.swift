@testable import Capture
import Foundation
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text

/// A cache's bytes are a function of teacher, data and settings.
@Suite struct CacheBuilderTests {
  private let sequences = Tiny.sequences(13, predictions: 40)

  /// A mixture of experts, whose products differ in size from text to text.
  private func build(
    _ codec: CacheCodec = .sparse, in folder: URL, until sequences: Int = .max
  ) throws -> CacheBuilder.Outcome {
    var made = 0
    let builder = CacheBuilder(
      teacher: try Tiny.decoder("text_top2_tied"), sequences: self.sequences,
      capture: capture(codec), isInterrupted: { made >= sequences },
      progress: { made = $0.tokens / 40 })
    return try builder.build(directory: folder)
  }

  private func capture(_ codec: CacheCodec) -> CaptureConfig {
    var capture = TinyCache(teacher: "text_top2_tied", codec: codec).capture
    capture.vocabularySize = 128
    return capture
  }

  @Test(arguments: [CacheCodec.sparse, .whole])
  func anyNumberOfThreadsGivesTheSameBytes(codec: CacheCodec) throws {
    try withTemporaryDirectory { folder in
      let files = try (1...3).map { threads in
        let output = folder.appending(path: "\(threads)")
        _ = try withThreadCount(threads) { try build(codec, in: output).tokens }
        return try contents(of: output)
      }
      #expect(files[0].count > 3)
      #expect(files[1] == files[0])
      #expect(files[2] == files[0])
    }
  }

  /// Thirteen sequences are four units, whoever makes them and in whatever batches.
  @Test(arguments: [1, 2, 3, 7], [1, 2])
  func anyNumberOfWorkersGivesTheSameBytes(workers: Int, threads: Int) throws {
    try withTemporaryDirectory { folder in
      let (whole, shared) = (folder.appending(path: "whole"), folder.appending(path: "shared"))
      _ = try withThreadCount(1) { try build(in: whole).tokens }
      try withThreadCount(threads) {
        for index in (0..<workers).reversed() {
          let builder = CacheBuilder(
            teacher: try Tiny.decoder("text_top2_tied"), sequences: sequences,
            capture: capture(.sparse))
          let outcome = try builder.build(
            directory: shared, share: WorkShare(index: index, count: workers))
          guard workers > 1 else { continue }
          guard case .shareDone(let units, _, _) = outcome else {
            Issue.record("a worker commits nothing")
            return
          }
          #expect(units == (index < 4 ? (4 - index + workers - 1) / workers : 0))
          #expect(throws: ShardError.self) { try CacheReader(directory: shared) }
        }
        _ = try PartBuilder.commit(directory: shared, threads: threads)
      }
      #expect(try contents(of: shared) == contents(of: whole))
    }
  }

  /// Each worker of two has all of the work; what one has claimed the other leaves out.
  @Test func whatAnotherMakesIsLeftToIt() throws {
    try withTemporaryDirectory { folder in
      let builder = CacheBuilder(
        teacher: try Tiny.decoder("text_top2_tied"), sequences: sequences,
        capture: capture(.sparse))
      let part = try PartBuilder(
        directory: folder, capture: capture(.sparse),
        tables: builder.calibration(of: folder)?.tables, sequences: sequences.count)
      var told: [Int] = []
      do {
        guard case .granted(let writer) = try part.claim(2) else {
          Issue.record("the unit was to be free")
          return
        }
        guard
          case .leftToOthers(let units) = try builder.build(
            directory: folder, onLeft: { told.append($0) })
        else {
          Issue.record("a unit was to be left")
          return
        }
        #expect(units == [2] && told == [2])
        _ = consume writer
      }
      guard case .finished(_, let newTokens) = try builder.build(directory: folder) else {
        Issue.record("the cache was to be finished")
        return
      }
      #expect(newTokens == 4 * 40)
    }
  }

  /// Four sequences fill a shard; what is past the last full one is made again.
  @Test(arguments: [[1], [4], [5], [12], [1, 4, 8], [0, 0, 9]])
  func interruptionsLeaveNoTrace(points: [Int]) throws {
    try withTemporaryDirectory { folder in
      let (whole, parts) = (folder.appending(path: "whole"), folder.appending(path: "parts"))
      try withThreadCount(1) {
        #expect(try build(in: whole).tokens == 13 * 40)
        for point in points {
          guard case .interrupted(let stored) = try build(in: parts, until: point) else {
            Issue.record("the capture was to stop at \(point)")
            return
          }
          #expect(stored >= point)
          #expect(throws: ShardError.self) { try CacheReader(directory: parts) }
        }
        _ = try build(in: parts)
        #expect(try contents(of: parts) == contents(of: whole))
      }
    }
  }

  @Test func progressCountsWhatIsThereAndWhatIsNew() throws {
    try withTemporaryDirectory { folder in
      try withThreadCount(1) {
        _ = try build(in: folder, until: 4)
        var seen: [CacheBuilder.Progress] = []
        let builder = CacheBuilder(
          teacher: try Tiny.decoder("text_top2_tied"), sequences: sequences,
          capture: capture(.sparse), progress: { seen.append($0) })
        let outcome = try builder.build(directory: folder)
        #expect(seen.map(\.tokens) == [8 * 40, 12 * 40, 13 * 40])
        #expect(seen.map(\.newTokens) == [4 * 40, 8 * 40, 9 * 40])
        #expect(seen.allSatisfy { $0.totalTokens == 13 * 40 })
        #expect(outcome.tokens == 9 * 40)
      }
    }
  }

  @Test func aFinishedCacheIsNotMadeAgain() throws {
    try withTemporaryDirectory { folder in
      _ = try build(in: folder)
      let before = try contents(of: folder)
      #expect(try build(in: folder).tokens == 0)
      #expect(try contents(of: folder) == before)
    }
  }

  @Test func otherSettingsAreRefused() throws {
    try withTemporaryDirectory { folder in
      _ = try build(in: folder)
      #expect(throws: ShardError.self) { try build(.whole, in: folder) }
    }
  }

  @Test func aTokenThatTheTeacherLacksIsAnError() throws {
    let strange = PackedSequence(tokens: [1, 2, 120, 3], fragments: [4])
    try withTemporaryDirectory { folder -> Void in
      #expect {
        _ = try TinyCache().build([strange], in: folder)
      } throws: { error in
        guard case .invalidSequence(let reason) = error as? ShardError else { return false }
        return reason.contains("120")
      }
    }
  }

  @Test func logitsThatAreNoNumbersAreAnError() throws {
    let teacher = try Tiny.decoder("llama_tied")
    teacher.parameters.withValues { $0[7] = .nan }
    for codec in [CacheCodec.sparse, .whole] {
      let runner = TeacherRunner(teacher: teacher, codec: codec, seed: 1)
      #expect(throws: ShardError.invalidLogits(position: 0)) {
        try runner.targets(Tiny.sequences(1)[0], identity: 1)
      }
    }
  }

  /// Documents packed together have the targets that they would have alone.
  @Test func packedDocumentsDoNotSeeOneAnother() throws {
    let runner = TeacherRunner(teacher: try Tiny.decoder("llama_tied"), codec: .whole, seed: 1)
    let packed = PackedSequence(tokens: [5, 6, 7, 8, 9, 10, 11], fragments: [4, 3])
    let alone = PackedSequence(tokens: [9, 10, 11], fragments: [3])
    guard case .dense(let both) = try runner.targets(packed, identity: 1),
      case .dense(let one) = try runner.targets(alone, identity: 1)
    else {
      Issue.record("dense targets expected")
      return
    }
    for row in 0..<2 {
      expectClose(both.probabilities(at: 3 + row), one.probabilities(at: row), within: 2e-3)
    }
  }
}

extension CacheBuilder.Outcome {
  /// The predictions that a finished attempt made.
  fileprivate var tokens: Int? {
    guard case .finished(_, let newTokens) = self else { return nil }
    return newTokens
  }
}
