@testable import Base
import Foundation
import Testing

@testable import Models

/// The `config.json` of a small llama: V 5, D 8, F 6, one layer.
private let config = DecoderConfig(
  modelType: .llama, vocabSize: 5, hiddenSize: 8, intermediateSize: 6, numHiddenLayers: 1,
  numAttentionHeads: 2)

/// Two tensors with values that tell them apart.
private let tensors: [String: ([Int], [Float])] = [
  "model.embed_tokens.weight": ([5, 8], (0..<40).map { Float($0) }),
  "model.norm.weight": ([8], (0..<8).map { Float($0) + 0.5 }),
]

@Suite struct CheckpointTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func saved(
    _ values: [String: ([Int], [Float])] = tensors, maximumShardBytes: Int = 1 << 30
  ) throws -> String {
    let path = folder.path + "/model"
    try HuggingFaceFolder.save(
      to: path, config: config, values, maximumShardBytes: maximumShardBytes, replacing: true)
    return path
  }

  private func error(_ path: String) -> CheckpointError? {
    #expect(throws: CheckpointError.self) { try Checkpoint.open(path) }
  }

  @Test(arguments: [1 << 30, 64]) func aFolderIsRead(shardBytes: Int) throws {
    let path = try saved(maximumShardBytes: shardBytes)
    let checkpoint = try Checkpoint.open(path)
    #expect(checkpoint.config == config)
    #expect(checkpoint.tensorNames == tensors.keys.sorted())
    for (name, (shape, values)) in tensors {
      #expect(checkpoint.shape(of: name) == shape)
      #expect(try checkpoint.floats(name, shape) == values)
    }
    #expect(checkpoint.shape(of: "lm_head.weight") == nil)
    #expect(try checkpoint.tokenizer() == nil)
  }

  @Test(
    "case lfs-pointer: in the place of any file of a checkpoint",
    arguments: ["config.json", "model.safetensors", "model.safetensors.index.json", "m.gguf"])
  func pointersAreNamed(name: String) throws {
    let path = try saved()
    let file = path + "/" + name
    if name.contains("index") {
      try FileManager.default.removeItem(atPath: path + "/model.safetensors")
    }
    let opened = name == "m.gguf" ? file : path
    try Data("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n".utf8)
      .write(to: URL(filePath: file))
    let text = "\(file): a Git LFS pointer, not the file's content; run `git lfs pull` in \(path)"
    #expect(error(opened) == .notFetched(text))
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createSymbolicLink(
      atPath: file, withDestinationPath: ".git/annex/objects/a/b/SHA256E-s9--ab")
    if name != "m.gguf" {
      #expect(error(opened)?.description.contains("git annex get") == true)
    }
  }

  @Test("case generation-config-eos: every list of end tokens counts")
  func generationConfigNamesTokensToo() throws {
    let path = try saved()
    let before = try Checkpoint.open(path)
    func write(_ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: path + "/generation_config.json"))
    }
    try write(#"{"eos_token_id": [1, 2], "bos_token_id": 0, "pad_token_id": null}"#)
    let checkpoint = try Checkpoint.open(path)
    #expect(checkpoint.config.eosTokenIds == [1, 2] && checkpoint.config.bosTokenId == 0)
    #expect(checkpoint.config.padTokenId == nil)
    #expect(checkpoint.fingerprint == before.fingerprint, "it is no other teacher")
    var both = config
    (both.bosTokenId, both.eosTokenIds) = (3, [4])
    try both.huggingFaceJSON().write(to: URL(filePath: path + "/config.json"))
    #expect(try Checkpoint.open(path).config.eosTokenIds == [4, 1, 2])
    #expect(try Checkpoint.open(path).config.bosTokenId == 3)
    try write(#"{"eos_token_id": [1, 77]}"#)
    let error = #expect(throws: DecoderConfigError.self) { try Checkpoint.open(path) }
    #expect(
      error?.description.contains("generation_config.json: eos_token_id is 77, outside") == true)
  }

  @Test("case eos-ids: a config without ids keeps the fingerprint that old caches know")
  func identityHasTheDefaultsOfTransformers() throws {
    let path = try saved()
    var values = config.huggingFaceValues()
    for key in ["bos_token_id", "eos_token_id"] { values[key] = nil }
    try JSONValue.object(values).json.write(to: URL(filePath: path + "/config.json"))
    try FileManager.default.removeItem(atPath: path + "/generation_config.json")
    let bare = try Checkpoint.open(path)
    #expect(bare.config.bosTokenId == nil && bare.config.eosTokenIds.isEmpty)
    (values["bos_token_id"], values["eos_token_id"]) = (.int(1), .int(2))
    try JSONValue.object(values).json.write(to: URL(filePath: path + "/config.json"))
    #expect(try Checkpoint.open(path).fingerprint == bare.fingerprint)
  }

  @Test func aSingleFileIsReadWithTheConfigBesideIt() throws {
    let path = try saved() + "/model.safetensors"
    #expect(try Checkpoint.open(path).floats("model.norm.weight", [8])[7] == 7.5)
  }

  @Test func aMissingOrMisshapenTensorIsNamed() throws {
    let path = try saved()
    let checkpoint = try Checkpoint.open(path)
    #expect(throws: CheckpointError.missingTensor(path: path, name: "lm_head.weight")) {
      try checkpoint.floats("lm_head.weight", [5, 8])
    }
    let mismatch = CheckpointError.shapeMismatch(
      path: path, name: "model.norm.weight", expected: [4], found: [8])
    #expect(throws: mismatch) { try checkpoint.floats("model.norm.weight", [4]) }
    #expect(mismatch.description.contains("has shape [8], but its config asks for [4]"))
  }

  @Test func theMultimodalPrefixIsStripped() throws {
    let path = try saved([
      "language_model.model.norm.weight": ([8], Array(repeating: 3, count: 8)),
      "vision_model.x": ([1], [0]), "multi_modal_projector.linear_1.weight": ([1], [0]),
      "language_model.model.layers.0.self_attn.rotary_emb.inv_freq": ([1], [0]),
      "model.stray": ([1], [0]),
    ])
    let checkpoint = try Checkpoint.open(path)
    #expect(try checkpoint.floats("model.norm.weight", [8]) == Array(repeating: 3, count: 8))
    try checkpoint.requireNothing(besides: ["model.norm.weight", "model.stray"])
    for (used, first) in [("model.norm.weight", "model.stray"), ("", "model.norm.weight")] {
      #expect(throws: CheckpointError.unexpectedTensor(path: path, name: first)) {
        try checkpoint.requireNothing(besides: [used])
      }
    }
    let twice = try saved(["a": ([1], [0]), "language_model.a": ([1], [0])])
    #expect(throws: SafetensorsError.duplicateKey(file: twice + "/model.safetensors", key: "a")) {
      try Checkpoint.open(twice)
    }
  }

  @Test func wrongPathsAreNamed() throws {
    let none = folder.path + "/none"
    #expect(error(none) == .notFound(path: none))
    #expect(error(folder.path) == .noConfig(folder: folder.path))
    _ = try folder.write(Array(config.huggingFaceJSON()), as: "config.json")
    #expect(error(folder.path) == .noWeights(folder: folder.path))
    let text = try folder.write(Array("hello".utf8), as: "notes.txt")
    #expect(error(text) == .unknownFormat(path: text))
    let empty = try folder.write([], as: "empty.gguf")
    #expect(throws: GGUFError.badMagic(file: empty)) { try Checkpoint.open(empty) }
    let renamed = try folder.write(GGUFBuilder.llama.bytes, as: "model.bin")
    #expect(try Checkpoint.open(renamed).config.modelType == .llama)
  }

  @Test func everyErrorIsOneLineThatBeginsWithItsFile() {
    let errors: [CheckpointError] = [
      .notFound(path: "p"), .unreadable(path: "p", reason: "r"), .unknownFormat(path: "p"),
      .noConfig(folder: "p"), .noWeights(folder: "p"), .badIndex(file: "p", problem: "x"),
      .missingTensor(path: "p", name: "n"),
      .shapeMismatch(path: "p", name: "n", expected: [1], found: []),
      .notWeights(path: "p", name: "n", type: "I8"), .exists(path: "p"),
      .badTokenizer(file: "p", problem: "x"),
    ]
    for error in errors {
      #expect(error.description.hasPrefix("p: ") && !error.description.contains("\n"))
    }
  }
}

@Suite struct FingerprintTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fingerprint(
    _ values: [String: ([Int], [Float])], config: DecoderConfig = config,
    type: WeightType = .float32, maximumShardBytes: Int = 1 << 30
  ) throws -> String {
    let path = folder.path + "/model"
    try HuggingFaceFolder.save(
      to: path, config: config, values, type: type, maximumShardBytes: maximumShardBytes,
      replacing: true)
    return try Checkpoint.open(path).fingerprint
  }

  @Test func itIsTheSameForShards() throws {
    let one = try fingerprint(tensors)
    #expect(one.count == 64)
    #expect(try fingerprint(tensors, maximumShardBytes: 8) == one)
  }

  @Test func itTellsEverythingApart() throws {
    var (value, name, shape, other) = (tensors, tensors, tensors, config)
    value["model.norm.weight"]?.1[3] += 1
    name["model.norn.weight"] = name.removeValue(forKey: "model.norm.weight")
    shape["model.norm.weight"]?.0 = [2, 4]
    other.ropeTheta = 9
    let prints = try [
      fingerprint(tensors), fingerprint(value), fingerprint(name), fingerprint(shape),
      fingerprint(tensors, config: other), fingerprint(tensors, type: .bfloat16),
    ]
    #expect(Set(prints).count == prints.count)
  }

  @Test func aGGUFHasOne() throws {
    let one = try Checkpoint.open(fixture("tiny_llama.gguf")).fingerprint
    var bytes = Array(try Data(contentsOf: URL(filePath: fixture("tiny_llama.gguf"))))
    bytes[bytes.count - 100] ^= 1
    let other = try Checkpoint.open(try folder.write(bytes, as: "x.gguf")).fingerprint
    #expect(one.count == 64 && one != other)
  }
}
