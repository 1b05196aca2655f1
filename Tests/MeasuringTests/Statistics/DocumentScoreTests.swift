@testable import Capture
import Foundation
@testable import Measuring
import Models
import Tensors
import TestRuns
import TestSupport
import Testing
import Text

@Suite struct DocumentScoreTests {
  /// Two windows of document 0 with another between them, one of document 2, each of one group.
  private func windows() -> [PackedSequence] {
    let origins = [
      DocumentOrigin(index: 0, group: "fr"), DocumentOrigin(index: 1, group: "other"),
      DocumentOrigin(index: 0, group: "fr"), DocumentOrigin(index: 2, group: "de"),
      DocumentOrigin(index: 3),
    ]
    let lengths = [13, 6, 9, 5, 7]
    return zip(origins, lengths).enumerated().map { index, window in
      var sequence = PackedSequence(
        tokens: (0..<window.1).map { Int32((7 * $0 * $0 + 11 * index) % Tiny.vocabulary) },
        fragments: [window.1])
      sequence.origin = window.0
      return sequence
    }
  }

  private func student() throws -> Models.Decoder {
    let student = try Tiny.decoder("llama_tied")
    student.parameters.withValues { values in
      for (index, noise) in [Float].random(values.count, seed: 2).enumerated() {
        values[index] *= 1 + 0.1 * noise
      }
    }
    return student
  }

  private func evaluator() throws -> Evaluator {
    Evaluator(try student(), against: .live(try Tiny.decoder("llama_tied")))
  }

  private func expect(
    _ found: DocumentScore, sums parts: [EvaluationReport],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let tokens = parts.reduce(0) { $0 + $1.tokens }
    let nll = parts.reduce(0) { $0 + $1.nll * Double($1.tokens) }
    let kl = parts.reduce(0) { $0 + ($1.teacher?.kl ?? .nan) * Double($1.tokens) }
    #expect(found.tokens == tokens, sourceLocation: sourceLocation)
    #expect(abs(found.nll - nll) < 1e-9 * nll, sourceLocation: sourceLocation)
    #expect(abs((found.kl ?? .nan) - kl) < 1e-9, sourceLocation: sourceLocation)
  }

  @Test func windowsOfADocumentAddUp() throws {
    let (evaluator, windows) = (try evaluator(), windows())
    let report = try evaluator.evaluate(windows)
    let alone = try windows.map { try evaluator.evaluate([$0]) }
    #expect(report.documents.count == 4)
    try expect(report.documents[0], sums: [alone[0], alone[2]])
    try expect(report.documents[1], sums: [alone[1]])
    try expect(report.documents[2], sums: [alone[3]])
    try expect(report.documents[3], sums: [alone[4]])
    let sum = report.documents.reduce(0) { $0 + $1.nll }
    #expect(abs(sum / Double(report.tokens) - report.nll) < 1e-12)
  }

  @Test func groupsComeByNameWithTheOthersLast() throws {
    let (evaluator, windows) = (try evaluator(), windows())
    let report = try evaluator.evaluate(windows)
    #expect(report.groups.map(\.name) == ["de", "fr", "other"], "document 3 has no group")
    #expect(report.documents.map(\.group) == ["fr", "other", "de", nil])
    let french = try evaluator.evaluate([windows[0], windows[2]])
    let group = report.groups[1]
    #expect(group.tokens == french.tokens && abs(group.nll - french.nll) < 1e-12)
    #expect(abs((group.kl ?? .nan) - (french.teacher?.kl ?? .nan)) < 1e-12)
    #expect(group.top1Agreement == french.teacher?.top1Agreement)
    let alone = try Evaluator(try student()).evaluate(windows)
    #expect(alone.groups.map(\.tokens) == report.groups.map(\.tokens))
    #expect(alone.groups.allSatisfy { $0.kl == nil && $0.top1Agreement == nil })
    #expect(alone.documents.allSatisfy { $0.kl == nil })
  }

  /// A cache's sequences do not say what a window cut: each fragment counts by itself.
  @Test func fragmentsOfUnknownDocumentsCountByThemselves() throws {
    let packed = PackedSequence(
      tokens: [3, 4, 5, 6, 7, 8, 9], fragments: [4, 3], lossMask: [true, true, true, false, false])
    let report = try Evaluator(try student()).evaluate([packed, packed])
    #expect(report.documents.map(\.tokens) == [3, 0, 3, 0])
    #expect(report.documents[1].nll == 0 && report.documents[0] == report.documents[2])
    #expect(report.groups.isEmpty)
  }

  @Test func heldOutTextKnowsItsDocuments() throws {
    var heldOut: HeldOutData?
    try withTemporaryDirectory { heldOut = try self.heldOut(in: $0) }
    try expectDocuments(try #require(heldOut))
  }

  /// Nine documents of one to three kinds, some longer than a window.
  private func heldOut(in folder: URL) throws -> HeldOutData {
    let lines = (0..<9).map { index in
      let parts = Array(repeating: "line \(index)", count: 1 + 5 * (index % 3))
      return #"{"text": "\#(parts.joined(separator: "; "))", "kind": "k\#(index % 3)"}"#
    }
    let file = folder.appending(path: "t.jsonl")
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
    var data = DataConfig(source: .paths([file.path]))
    (data.split, data.groupKey) = (.all, "kind")
    let tokenizer = try Tokenizer(contentsOf: Fixtures.url("tokenizers/llama3_style.json").path)
    return try HeldOutData(data, tokenizer: tokenizer, window: 16)
  }

  private func expectDocuments(_ heldOut: HeldOutData) throws {
    let config = Tiny.mixture(vocabulary: 484)
    let (model, teacher) = (Tiny.student(config), Tiny.student(config, seed: 2))
    let report = try heldOut.evaluate(model, teacher: teacher)
    #expect(report.documents.count == 9)
    #expect(report.documents.reduce(0) { $0 + $1.tokens } == heldOut.predictionCount)
    #expect(report.groups.map(\.name) == ["k0", "k1", "k2"])
    #expect(report.teacher != nil && report.documents.allSatisfy { ($0.kl ?? 0) > 0 })
    let again = try Evaluator(model, against: .live(teacher)).evaluate(try heldOut.sequences())
    #expect(again.documents == report.documents && again.groups == report.groups)
  }
}
