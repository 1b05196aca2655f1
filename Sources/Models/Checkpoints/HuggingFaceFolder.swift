import Base
public import Foundation
public import Text

/// Writes checkpoints as the folders that transformers loads.
package enum HuggingFaceFolder {
  /// The shard size from which weights are split, in bytes, unless another is asked for.
  package static let defaultShardBytes = 5_000_000_000

  /// Saves a model; the folder appears only when it is complete.
  ///
  /// Everything is written into a temporary folder next to the target, flushed, and renamed.
  ///
  /// - Parameters:
  ///   - path: The folder to make.
  ///   - config: The decoder's shape.
  ///   - tensors: The parameters; `lm_head.weight` is left out when the config ties it.
  ///   - type: The type to round the weights to.
  ///   - maximumShardBytes: The size from which weights are split over several files.
  ///   - tokenizer: The tokenizer, if the model has one.
  ///   - replacing: Whether a folder that is there may be replaced.
  ///   - values: Gives the values of each tensor in turn.
  /// - Throws: `CheckpointError.exists` or `.badTokenizer`, `FileError`, and what `values` throws.
  package static func save(
    to path: String, config: DecoderConfig, tensors: [NamedShape], type: WeightType = .float32,
    maximumShardBytes: Int = defaultShardBytes, tokenizer: SavedTokenizer? = nil,
    replacing: Bool = false,
    values: TensorValues
  ) throws {
    guard replacing || isFree(path) else { throw CheckpointError.exists(path: path) }
    let folder = try AtomicFolder(path: path, replacing: replacing)
    let special = try tokenizer.map { try SpecialTokens($0, config) }
    try AtomicFile.write(config.huggingFaceJSON(weightType: type), to: folder.file("config.json"))
    try AtomicFile.write(config.generationJSON, to: folder.file("generation_config.json"))
    if let tokenizer, let special {
      try AtomicFile.write(tokenizer.json, to: folder.file("tokenizer.json"))
      try AtomicFile.write(
        special.tokenizerConfig(config).json, to: folder.file("tokenizer_config.json"))
      try AtomicFile.write(special.map.json, to: folder.file("special_tokens_map.json"))
    }
    let kept = tensors.filter { !(config.tieWordEmbeddings && $0.name == "lm_head.weight") }
    let plan = ShardPlan(kept, type: type, maximumBytes: maximumShardBytes)
    for (shard, tensors) in plan.shards.enumerated() {
      try SafetensorsWriter.write(
        to: folder.file(plan.fileName(of: shard)), tensors: tensors, type: type, values: values)
    }
    if let index = plan.index {
      try AtomicFile.write(index.json, to: folder.file(ShardIndex.fileName))
    }
    try folder.commit()
  }

  private static func isFree(_ path: String) -> Bool {
    let manager = FileManager.default
    guard manager.fileExists(atPath: path) else { return true }
    return (try? manager.contentsOfDirectory(atPath: path).isEmpty) ?? false
  }
}

/// A tokenizer as it is saved beside a model.
public struct SavedTokenizer: Sendable {
  /// The bytes of its `tokenizer.json`.
  public let json: Data
  /// The token that ended the model's documents; nil takes the first of the config's.
  let eos: Int32?

  /// A tokenizer with what it knows of its special tokens.
  ///
  /// - Throws: `TokenizerError`.
  public init(_ tokenizer: Tokenizer) throws {
    json = try tokenizer.json()
    eos = tokenizer.eosTokenID
  }

  /// The bytes of a `tokenizer.json`, of which nothing else is known.
  public init(json: Data) {
    self.json = json
    eos = nil
  }
}

extension DecoderConfig {
  /// The `generation_config.json` that belongs to the model.
  fileprivate var generationJSON: Data {
    JSONValue.object([
      "_from_model_config": .bool(true), "bos_token_id": .init(bosTokenId),
      "eos_token_id": endValue, "pad_token_id": .init(padTokenId), "use_cache": .bool(true),
    ]).json
  }
}

/// The texts of a model's special tokens, looked up in a `tokenizer.json` by their ids.
struct SpecialTokens {
  /// The role of each token (`bos_token`, `eos_token`, `pad_token`) and its text.
  let texts: [String: String]

  /// Finds the tokens that the config names.
  ///
  /// - Throws: `CheckpointError.badTokenizer` when the file is no JSON.
  init(_ tokenizer: SavedTokenizer, _ config: DecoderConfig) throws {
    let ends = config.eosTokenIds
    let end = tokenizer.eos.map(Int.init).flatMap { ends.contains($0) ? $0 : nil } ?? ends.first
    let ids = [
      "bos_token": config.bosTokenId, "eos_token": end, "pad_token": config.padTokenId,
    ].compactMapValues { $0 }
    let found: [Int: String]
    do {
      found = try tokenizer.json.withUnsafeBytes { try Self.find(Set(ids.values), in: $0) }
    } catch let error as JSONSyntaxError {
      throw CheckpointError.badTokenizer(
        file: "tokenizer.json", problem: "breaks at byte \(error.offset): \(error.problem)")
    } catch let error as JSONDuplicateKey {
      throw CheckpointError.badTokenizer(
        file: "tokenizer.json", problem: "has the key \(error.key) twice")
    }
    texts = ids.compactMapValues { found[$0] }
  }

  /// The `special_tokens_map.json`.
  var map: JSONValue { .object(texts.mapValues(JSONValue.string)) }

  /// The `tokenizer_config.json`, which has transformers take `tokenizer.json` as it is.
  func tokenizerConfig(_ config: DecoderConfig) -> JSONValue {
    let fixed: [String: JSONValue] = [
      "tokenizer_class": .string("PreTrainedTokenizerFast"),
      "clean_up_tokenization_spaces": .bool(false),
      "model_max_length": .int(config.maxPositionEmbeddings),
      // Said, lest a reader guess one from the tokens' names.
      "bos_token": .null, "eos_token": .null, "pad_token": .null,
    ]
    return .object(fixed.merging(texts.mapValues(JSONValue.string)) { $1 })
  }

  // Only from the added tokens: transformers would cut an ordinary token out of every text if it
  // were declared special. A pull parser, as the vocabulary may hold canonically equivalent keys.
  private static func find(
    _ ids: Set<Int>, in bytes: UnsafeRawBufferPointer
  ) throws -> [Int: String] {
    var (scanner, texts) = (JSONScanner(bytes), [Int: String]())
    scanner.checksAllKeys = true
    try scanner.object { scanner, key in
      guard key == "added_tokens" else { return try scanner.skipValue(depth: 64) }
      try scanner.array { scanner in
        var judged = scanner
        try judged.skipValue(depth: 4)
        let token = try scanner.value(depth: 4)
        guard let id = token["id"]?.integer, ids.contains(id) else { return }
        texts[id] = token["content"]?.string
      }
    }
    return texts
  }
}
