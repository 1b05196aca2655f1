import Foundation
import Models
import TestSupport
import Testing

/// The commands `logits` and `evaluate` against transformers' answers.
struct ParityCommandTests {
  @Test(arguments: [
    "scout_like", "maverick_like", "text_top2_tied", "llama_tied", "llama3_scaled",
  ])
  func logitsOfEveryGoldenFolder(name: String) throws {
    let folder = Fixtures.url("golden").appending(path: name)
    let expected = try SafetensorsFile(path: folder.appending(path: "expected.safetensors").path)
    let ids = try expected.int64s("input_ids")
    let length = try #require(expected.entry("input_ids")?.shape.last)
    let wanted = try expected.floats("logits")
    let vocabulary = wanted.count / ids.count
    try inFolder { directory in
      for row in 0..<(ids.count / length) {
        let tokens = ids[(row * length)..<((row + 1) * length)].map(String.init)
        let outcome = try Tool.run([
          "logits", "--model", folder.path, "--tokens", tokens.joined(separator: ","),
          "--output", directory.appending(path: "\(row)").path,
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let file = try SafetensorsFile(path: directory.appending(path: "\(row)").path)
        #expect(file.entry("logits")?.shape == [length, vocabulary])
        let found = try file.floats("logits")
        let start = row * length * vocabulary
        let worst = zip(found, wanted[start...]).map { abs($0 - $1) }.max()
        #expect(try #require(worst) <= 5e-5)
      }
    }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["CODISTILL_TEACHER"] != nil))
  func evaluateOnTheRealTeacher() throws {
    struct Expected: Decodable {
      let text: String
      let nll: [Double]
      let mean_nll: Double
    }
    struct Report: Decodable {
      let tokens: Int
      let nll: Double
      let perplexity: Double
      let nll_by_position: [Double]
    }
    let teacher = try #require(ProcessInfo.processInfo.environment["CODISTILL_TEACHER"])
    let data = try Data(contentsOf: Fixtures.url("golden/smollm2_135m.expected.json"))
    let expected = try JSONDecoder().decode(Expected.self, from: data)
    try inFolder(["text.txt": expected.text]) { folder in
      let outcome = try Tool.run(
        ["evaluate", "--model", teacher, "--data", "text.txt", "--json"], in: folder)
      let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
      #expect(report.tokens == expected.nll.count)
      #expect(abs(report.nll - expected.mean_nll) < 0.002)
      #expect(abs(report.perplexity - exp(report.nll)) < 1e-6 * report.perplexity)
      for (found, wanted) in zip(report.nll_by_position, expected.nll) {
        #expect(abs(found - wanted) < 0.02)
      }
    }
  }
}
