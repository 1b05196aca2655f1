import Base
import Foundation
import Testing

@testable import Models

@Suite struct HuggingFaceFolderTests {
  private let parent: TemporaryFolder
  private let path: String
  private var config = DecoderConfig(
    modelType: .llama, vocabSize: 5, hiddenSize: 8, intermediateSize: 6, numHiddenLayers: 1,
    numAttentionHeads: 2)
  private let tensors: [String: ([Int], [Float])] = [
    "a": ([2], [1, 2]), "b": ([3], [3, 4, 5]), "c": ([4], [6, 7, 8, 9]),
    "lm_head.weight": ([1], [0]),
  ]

  init() throws {
    parent = try TemporaryFolder()
    path = parent.path + "/deep/model"
  }

  private var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  private func json(_ name: String) throws -> JSONValue {
    try Data(contentsOf: URL(filePath: path + "/" + name)).withUnsafeBytes {
      try JSONParser.parse(Array($0))
    }
  }

  @Test func oneFileIsWritten() throws {
    try HuggingFaceFolder.save(to: path + "/", config: config, tensors)
    #expect(try contents == ["config.json", "generation_config.json", "model.safetensors"])
    #expect(try Checkpoint.open(path).tensorNames == ["a", "b", "c", "lm_head.weight"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: parent.path + "/deep") == ["model"])
  }

  @Test func shardsAreFilledGreedily() throws {
    try HuggingFaceFolder.save(
      to: path, config: config, tensors, type: .bfloat16, maximumShardBytes: 10)
    let shards = (1...2).map { "model-0000\($0)-of-00002.safetensors" }
    #expect(
      try contents == ["config.json", "generation_config.json"] + shards + [ShardIndex.fileName])
    let index = try #require(try json(ShardIndex.fileName).object)
    #expect(
      index["weight_map"]
        == .object([
          "a": .string(shards[0]), "b": .string(shards[0]), "c": .string(shards[1]),
          "lm_head.weight": .string(shards[1]),
        ]))
    #expect(
      index["metadata"] == .object(["total_size": .int(20), "total_parameters": .int(10)]))
    #expect(try Checkpoint.open(path).floats("c", [4]) == [6, 7, 8, 9])
  }

  @Test func aTensorLargerThanAShardHasOneOfItsOwn() {
    let tensors = [5, 1, 1, 9].map { NamedShape(name: "\($0)", shape: [$0]) }
    let plan = ShardPlan(tensors, type: .float32, maximumBytes: 8)
    #expect(plan.shards.map(\.count) == [1, 2, 1])
    #expect(ShardPlan([], type: .float32, maximumBytes: 8).fileName(of: 0) == "model.safetensors")
  }

  @Test mutating func aTiedHeadIsLeftOut() throws {
    config.tieWordEmbeddings = true
    try HuggingFaceFolder.save(to: path, config: config, tensors)
    #expect(try Checkpoint.open(path).tensorNames == ["a", "b", "c"])
  }

  @Test func whatIsThereIsKeptUnlessItMayBeReplaced() throws {
    try HuggingFaceFolder.save(to: path, config: config, tensors)
    #expect(throws: CheckpointError.exists(path: path)) {
      try HuggingFaceFolder.save(to: path, config: config, ["d": ([1], [1])])
    }
    #expect(try Checkpoint.open(path).tensorNames.count == 4)
    try HuggingFaceFolder.save(to: path, config: config, ["d": ([1], [1])], replacing: true)
    #expect(try Checkpoint.open(path).tensorNames == ["d"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: parent.path + "/deep") == ["model"])
  }

  @Test func anEmptyFolderIsFilled() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try HuggingFaceFolder.save(to: path, config: config, tensors)
    #expect(try contents.count == 3)
  }

  @Test func aFailedSaveLeavesNothingNew() throws {
    struct Stop: Error {}
    let names = [NamedShape(name: "a", shape: [1]), NamedShape(name: "b", shape: [1])]
    try HuggingFaceFolder.save(to: path, config: config, tensors)
    for target in [path, path + "2"] {
      #expect(throws: Stop.self) {
        try HuggingFaceFolder.save(
          to: target, config: config, tensors: names, maximumShardBytes: 4, replacing: true
        ) { name, body in
          if name == "b" { throw Stop() }
          try [1].withUnsafeBufferPointer { try body($0) }
        }
      }
    }
    #expect(try Checkpoint.open(path).tensorNames.count == 4)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: parent.path + "/deep") == ["model"])
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
    let file = try parent.write([1], as: "file")
    let error = #expect(throws: FileError.self) {
      try HuggingFaceFolder.save(to: file + "/model", config: config, tensors)
    }
    #expect(error?.description.hasPrefix(file) == true)
    #expect(throws: CheckpointError.exists(path: file)) {
      try HuggingFaceFolder.save(to: file, config: config, tensors)
    }
  }

  @Test mutating func theTokenizerGoesAlong() throws {
    (config.bosTokenId, config.eosTokenIds, config.padTokenId) = (3, [4, 2], 0)
    let text = #"""
      {"added_tokens": [{"id": 3, "content": "<s>"}, {"id": 4, "content": "</s>\n"}],
       "model": {"vocab": {"a": 0, "é": 1, "e\u0301": 2}, "merges": []}}
      """#
    let tokenizer = Data(text.utf8)
    try HuggingFaceFolder.save(
      to: path, config: config, tensors, tokenizer: SavedTokenizer(json: tokenizer))
    #expect(try Data(contentsOf: URL(filePath: path + "/tokenizer.json")) == tokenizer)
    let special: [String: JSONValue] = [
      "bos_token": .string("<s>"), "eos_token": .string("</s>\n"),
    ]
    #expect(try json("special_tokens_map.json") == .object(special), "0 is an ordinary token")
    let written = try #require(try json("tokenizer_config.json").object)
    #expect(written["tokenizer_class"] == .string("PreTrainedTokenizerFast"))
    #expect(written["eos_token"] == special["eos_token"])
    #expect(written["pad_token"] == .null, "said, lest one be guessed")
    #expect(
      try json("generation_config.json").object?["eos_token_id"] == .array([.int(4), .int(2)]))
  }

  @Test func aBrokenTokenizerIsNamed() throws {
    for text in ["", "{", "{\"added_tokens\": 3}", "{\"added_tokens\": [{\"id\":1,\"id\":2}]}"] {
      let error = #expect(throws: CheckpointError.self) {
        try HuggingFaceFolder.save(
          to: path, config: config, tensors, tokenizer: SavedTokenizer(json: Data(text.utf8)))
      }
      #expect(error?.description.hasPrefix("tokenizer.json: ") == true)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
