@testable import Capture
import Foundation
@testable import Measuring
import TestRuns
import TestSupport
import Testing
@testable import Training

/// case held-out-leak: nothing is evaluated on what it was trained on without a word.
@Suite struct HeldOutOverlapTests {
  private static let texts = [
    "The river bends twice before it reaches the mill, and the miller counts the boats.",
    "A ladder of eleven rungs leans on the barn where swallows nest under the third beam.",
    "In winter the schoolmaster teaches fractions with apples, in summer with cherries.",
    "Her letters came every Tuesday, blue ink on grey paper, smelling faintly of smoke.",
  ]

  private func write(_ texts: [String], to file: URL) throws {
    let lines = try texts.map {
      String(decoding: try JSONEncoder().encode(["text": $0]), as: UTF8.self)
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
  }

  /// A pretraining on some texts that is evaluated on others; both are cut into windows of 12.
  private func prepare(
    _ training: [String], _ held: [String], rule: String = "refuse", in folder: URL
  ) throws -> TrainingRun {
    try write(training, to: folder.appending(path: "text.jsonl"))
    try write(held, to: folder.appending(path: "held.jsonl"))
    let run = try TinyRun(.text, in: folder)
    try write(training, to: folder.appending(path: "text.jsonl"))
    return try run.prepare(
      "run",
      overrides: [
        "evaluation.overlap=\(rule)",
        "evaluation.data={paths: \(folder.path)/held.jsonl, sequence_length: 12}",
      ])
  }

  @Test("case held-out-leak: a document that is trained on is refused, with counts and its place")
  func aLeakIsRefused() throws {
    try withTemporaryDirectory { folder in
      let error = try #require(throws: PreparationError.self) {
        _ = try prepare(Self.texts, [Self.texts[2], "Quite another thing altogether."], in: folder)
      }
      #expect("\(error)".contains("1 of the 2 documents evaluated"))
      #expect("\(error)".contains("held.jsonl:1"))
      #expect("\(error)".contains("evaluation.overlap"))
    }
  }

  @Test("case held-out-leak: other text is evaluated without a word")
  func otherTextPasses() throws {
    try withTemporaryDirectory { folder in
      let run = try prepare(Array(Self.texts.prefix(3)), [Self.texts[3]], in: folder)
      #expect(!run.notes.contains { $0.contains("evaluation") })
    }
  }

  @Test("case held-out-leak: what is trained on is taken out, and said")
  func aLeakIsRemoved() throws {
    try withTemporaryDirectory { folder in
      let held = [Self.texts[1], Self.texts[3], Self.texts[0]]
      let run = try prepare(Array(Self.texts.prefix(2)), held, rule: "remove", in: folder)
      #expect(run.notes.contains { $0.contains("2 of the 3 documents") && $0.contains("left out") })
      let left = try #require(try run.run().evaluation)
      let alone = try withTemporaryDirectory { other in
        try prepare(Array(Self.texts.prefix(2)), [Self.texts[3]], in: other).run().evaluation
      }
      #expect(left.tokens == alone?.tokens && left.nll == alone?.nll)
    }
  }

  @Test("case held-out-leak: where all is trained on, nothing is left to evaluate")
  func allRemovedIsRefused() throws {
    try withTemporaryDirectory { folder -> Void in
      #expect {
        _ = try prepare(Self.texts, Array(Self.texts.prefix(2)), rule: "remove", in: folder)
      } throws: { error in
        guard case .allTrainedOn = error as? PreparationError else { return false }
        return true
      }
    }
  }

  @Test("case held-out-leak: kept, it is said")
  func aLeakIsKept() throws {
    try withTemporaryDirectory { folder in
      let run = try prepare(Self.texts, [Self.texts[2]], rule: "keep", in: folder)
      #expect(run.notes.contains { $0.contains("1 of the 1 documents") })
    }
  }

  @Test("case held-out-leak: a near copy is told, and evaluated")
  func aNearCopyIsTold() throws {
    try withTemporaryDirectory { folder in
      let near = Self.texts[3].replacing("smoke", with: "tar")
      let run = try prepare(Self.texts, [near, "Quite another thing altogether."], in: folder)
      #expect(run.notes.contains { $0.contains("of 1 of the 2 documents") && $0.contains("half") })
    }
  }

  /// Windows cut documents; their parts are put together again.
  @Test("case held-out-leak: a cache's sequences are found in the cache that is trained on")
  func aCacheIsFoundInItself() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let leak = "evaluation.data={cache: \(folder.path)/cache}"
      let error = try #require(throws: PreparationError.self) {
        _ = try run.prepare("run", overrides: [leak])
      }
      #expect("\(error)".contains(" of the 7 sequences evaluated"))
      #expect(throws: Never.self) { _ = try run.prepare("run") }
    }
  }
}
