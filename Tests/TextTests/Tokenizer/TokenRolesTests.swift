import Foundation
import Testing

@testable import Text

/// What a config and a tokenizer say of the special tokens, together.
@Suite struct TokenRolesTests {
  private let tokenizer: Tokenizer

  /// Ids 0 and 1 are letters, 3, 4 and 5 begin, end and end a turn, by their names alone.
  init() throws {
    let added = ["<s>", "</s>", "<|eot|>"].enumerated().map {
      #"{"id":\#($0 + 3),"content":"\#($1)","special":true}"#
    }
    let text = #"""
      {"added_tokens":[\#(added.joined(separator: ","))],"normalizer":null,
      "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},
      "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}
      """#
    tokenizer = try Tokenizer(json: Data(text.utf8), source: "t.json")
  }

  @Test("case eos-ids: what the config does not name is the tokenizer's")
  func namesTellWhereNothingElseDoes() {
    #expect(tokenizer.roles.bos == 3 && tokenizer.roles.ends == [4])
    let same = tokenizer.following(NamedTokens(source: "c"))
    #expect(same.roles == tokenizer.roles)
  }

  @Test("case generation-config-eos: every named end counts, documents get the tokenizer's own")
  func theConfigIsFollowed() {
    let roles = tokenizer.following(NamedTokens(source: "c", bos: [3], eos: [5, 4])).roles
    #expect(roles.ends == [5, 4] && roles.eos == 4 && roles.conflicts.isEmpty)
    let other = tokenizer.following(NamedTokens(source: "c", eos: [5])).roles
    #expect(other.ends == [5] && other.eos == 5 && other.conflicts.isEmpty)
    let none = tokenizer.following(NamedTokens(source: "c", bos: [], eos: [])).roles
    #expect(none.bos == nil && none.eos == nil && none.ends.isEmpty && none.conflicts.isEmpty)
  }

  @Test(
    "case eos-ids: a contradiction is told",
    arguments: [
      (nil, [0], "eos_token_id names 0 ('a'), an ordinary token of the tokenizer"),
      (nil, [4, 1], "eos_token_id names 1 ('b'), an ordinary token of the tokenizer"),
      (nil, [9], "eos_token_id names 9, of which the tokenizer has no token"),
      (nil, [3], "eos_token_id names 3 ('<s>'), the tokenizer's bos token"),
      ([4], nil, "bos_token_id names 4 ('</s>'), the tokenizer's eos token"),
    ] as [([Int32]?, [Int32]?, String)])
  func contradictions(bos: [Int32]?, eos: [Int32]?, problem: String) {
    let conflicts = tokenizer.following(NamedTokens(source: "c.json", bos: bos, eos: eos))
      .roles.conflicts
    #expect(conflicts.count == 1 && conflicts[0].isWrong)
    #expect(conflicts.first?.description.hasPrefix("c.json: \(problem); correct") == true)
  }

  @Test("case eos-ids: documents never get another end than the one the config names")
  func whatTheTokenizersFileStatesIsNoGuess() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array(try tokenizer.json()), "tokenizer.json")
    try folder.write(
      Array(#"{"eos_token": "</s>", "bos_token": null}"#.utf8), "tokenizer_config.json")
    let stated = try Tokenizer(contentsOf: folder.url.path)
    #expect(stated.roles.bos == nil, "null says that there is none, whatever the names")
    let conflicts = stated.following(NamedTokens(source: "c", eos: [5])).roles.conflicts
    #expect(conflicts.map(\.isWrong) == [false])
    #expect(conflicts.first?.problem.contains("own is 4 ('</s>')") == true)
    #expect(stated.following(NamedTokens(source: "c", eos: [5, 4])).roles.conflicts.isEmpty)
  }

  @Test("case double-bos: a template adds nothing that is there")
  func wrapping() throws {
    let template =
      #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},"#
      + #"{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"<s>":{"ids":[3]}}}"#
    let text = String(decoding: try tokenizer.json(), as: UTF8.self)
    var json = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    json["post_processor"] = try JSONSerialization.jsonObject(with: Data(template.utf8))
    let wrapping = try Tokenizer(
      json: try JSONSerialization.data(withJSONObject: json), source: "t.json")
    #expect(wrapping.wrapped([0]).ids == [3, 0] && wrapping.wrapped([0]).isWhole)
    #expect(wrapping.wrapped([3, 0]).ids == [3, 0] && !wrapping.wrapped([3, 0]).isWhole)
  }
}
