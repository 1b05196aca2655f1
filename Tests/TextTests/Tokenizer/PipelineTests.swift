import Foundation
import Testing
import Text

/// Every normaliser, splitter and kind of added token, against `tokenizers` 0.23.3.
@Suite struct PipelineTests {
  struct Pipeline {
    var json: Data
    var cases: [(text: String, ids: [Int32])]
  }

  static let names = [
    "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Prepend", "Replace in sequence",
    "Split Isolated", "Split Isolated inverted", "Split Removed", "Split Removed inverted",
    "Split MergedWithPrevious", "Split MergedWithPrevious inverted", "Split MergedWithNext",
    "Split MergedWithNext inverted", "Split Contiguous", "Split Contiguous inverted",
    "Split on a string", "Split on empty matches", "Digits one by one", "Digits together",
    "Whitespace", "WhitespaceSplit", "Prefix space", "SmolLM2",
  ]

  /// The GPT-2-like golden with its pipeline replaced by the named one.
  private func pipeline(_ name: String) throws -> Pipeline {
    let base = try JSONSerialization.jsonObject(
      with: Fixtures.data("gpt2_style_legacy_merges.json"))
    let list = try JSONSerialization.jsonObject(with: Fixtures.data("pipelines.expected.json"))
    var top = try #require(base as? [String: Any])
    let entries = try #require(list as? [[String: Any]])
    let entry = try #require(entries.first { $0["name"] as? String == name })
    for key in ["normalizer", "pre_tokenizer", "added_tokens"] { top[key] = entry[key] }
    let cases = try #require(entry["cases"] as? [[String: Any]])
    return Pipeline(
      json: try JSONSerialization.data(withJSONObject: top),
      cases: try cases.map { item in
        let ids = try #require(item["ids"] as? [Int])
        return (try #require(item["text"] as? String), ids.map { Int32($0) })
      })
  }

  @Test(arguments: names) func idsAreTheReferences(name: String) throws {
    let pipeline = try pipeline(name)
    #expect(pipeline.cases.count == 24)
    let tokenizer = try Tokenizer(json: pipeline.json, source: name)
    for (text, ids) in pipeline.cases { #expect(try tokenizer.encode(text) == ids) }
  }

  @Test(arguments: names) func savingKeepsThePipeline(name: String) throws {
    let pipeline = try pipeline(name)
    let tokenizer = try Tokenizer(json: pipeline.json, source: name)
    let again = try Tokenizer(json: try tokenizer.json(), source: "saved")
    #expect(again.fingerprint == tokenizer.fingerprint)
    for (text, ids) in pipeline.cases { #expect(try again.encode(text) == ids) }
  }

  @Test func pipelinesTellTheirTokenizersApart() throws {
    let prints = try Self.names.map { name in
      try Tokenizer(json: pipeline(name).json, source: name).fingerprint
    }
    #expect(Set(prints).count == Self.names.count)
  }
}
