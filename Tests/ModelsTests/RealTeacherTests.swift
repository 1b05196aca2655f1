import Foundation
import Models
import Tensors
import Testing
import Text

/// Parity with the real teacher, SmolLM2-135M-Instruct in Q4_1.
///
/// `CODISTILL_TEACHER` names the GGUF file; `make test` fetches it and sets
/// `CODISTILL_REQUIRE_TEACHER`, so that there the suite cannot be skipped.
@Suite(.enabled(if: RealTeacher.isWanted), .serialized)
struct RealTeacherTests {
  @Test func tokenizerGivesTheExpectedIDs() throws {
    let expected = try RealTeacher.expected()
    let tokenizer = try #require(try RealTeacher.checkpoint().tokenizer())
    #expect(try tokenizer.encode(expected.text) == expected.ids)
    #expect(tokenizer.decode(expected.ids) == expected.text)
  }

  @Test func likelihoodsAndEntropiesAgree() throws {
    let expected = try RealTeacher.expected()
    let model = try Decoder(RealTeacher.checkpoint())
    let logits = model.logits(TokenBatch(documents: [expected.ids]))
    let rows = logits.withValues { values in
      (0..<logits.rows).map { row in
        RowStatistics(values[(row * logits.columns)..<((row + 1) * logits.columns)])
      }
    }
    let nll = zip(rows, expected.ids.dropFirst()).map { $0.logSumExp - $0.logits[Int($1)] }
    for (found, wanted) in zip(nll, expected.nll) { #expect(abs(found - wanted) < 0.02) }
    let mean = nll.reduce(0, +) / Double(nll.count)
    #expect(abs(mean - expected.mean_nll) < 0.002)
    for (row, wanted) in zip(rows, expected.entropy) { #expect(abs(row.entropy - wanted) < 0.02) }
    for (row, (ids, logprobs)) in zip(rows, zip(expected.top5_ids, expected.top5_logprobs)) {
      for (id, wanted) in zip(ids, logprobs) {
        #expect(abs(row.logits[id] - row.logSumExp - wanted) < 0.02)
      }
    }
  }

  @Test func greedyContinuationAgrees() throws {
    let expected = try RealTeacher.expected()
    let model = try Decoder(RealTeacher.checkpoint())
    let prompt = Array(expected.greedy.prefix(expected.promptCount))
    let generated = try TextGenerator(model).continuation(
      of: prompt, limit: expected.greedy.count - prompt.count, ends: [])
    #expect(prompt + generated == expected.greedy)
  }

  @Test func savedFolderGivesTheSameLogits() throws {
    let expected = try RealTeacher.expected()
    let checkpoint = try RealTeacher.checkpoint()
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let model = try Decoder(checkpoint)
    let tokenizer = try #require(try checkpoint.tokenizer())
    try model.save(to: folder, tokenizer: try SavedTokenizer(tokenizer))
    let reloaded = try Checkpoint.open(folder)
    #expect(try reloaded.tokenizer()?.fingerprint == tokenizer.fingerprint)
    let batch = TokenBatch(documents: [Array(expected.ids.prefix(40))])
    #expect(model.logits(batch).array == (try Decoder(reloaded)).logits(batch).array)
  }
}

/// Where the teacher is and what it should say.
enum RealTeacher {
  static var path: String? { ProcessInfo.processInfo.environment["CODISTILL_TEACHER"] }

  static var isWanted: Bool {
    path != nil || ProcessInfo.processInfo.environment["CODISTILL_REQUIRE_TEACHER"] == "1"
  }

  static func checkpoint() throws -> Checkpoint { try Checkpoint.open(try #require(path)) }

  struct Expected: Decodable {
    let text: String
    let ids: [Int32]
    let nll: [Double]
    let mean_nll: Double
    let entropy: [Double]
    let top5_ids: [[Int]]
    let top5_logprobs: [[Double]]
    let greedy: [Int32]

    /// The continuation begins where it leaves the text.
    var promptCount: Int { zip(greedy, ids).prefix { $0 == $1 }.count }
  }

  static func expected() throws -> Expected {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/golden/smollm2_135m.expected.json")
    return try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
  }
}

/// A row of logits in float64, its log-sum-exp and its entropy.
private struct RowStatistics {
  let logits: [Double]
  let logSumExp: Double
  let entropy: Double

  init(_ row: Slice<UnsafeBufferPointer<Float>>) {
    let logits = row.map(Double.init)
    let peak = logits.max() ?? 0
    let logSumExp = peak + log(logits.reduce(0) { $0 + exp($1 - peak) })
    self.logits = logits
    self.logSumExp = logSumExp
    entropy = logits.reduce(0) { $0 - exp($1 - logSumExp) * ($1 - logSumExp) }
  }
}
