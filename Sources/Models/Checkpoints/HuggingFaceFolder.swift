import Foundation

/// Writes checkpoints as the folders that transformers loads.
public enum HuggingFaceFolder {
  /// The shard size from which weights are split, in bytes, unless another is asked for.
  public static let defaultShardBytes = 5_000_000_000

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
  /// - Throws: `CheckpointError.exists`, `.unwritable` or `.badTokenizer`, and what `values` throws.
  public static func save(
    to path: String, config: DecoderConfig, tensors: [NamedShape], type: WeightType = .float32,
    maximumShardBytes: Int = defaultShardBytes, tokenizer: SavedTokenizer? = nil,
    replacing: Bool = false,
    values: TensorValues
  ) throws {
    let folder = try PendingFolder(path: path, replacing: replacing)
    let special = try tokenizer.map { try SpecialTokens($0, config) }
    try folder.write(config.huggingFaceJSON(weightType: type), as: "config.json")
    try folder.write(config.generationJSON, as: "generation_config.json")
    if let tokenizer, let special {
      try folder.write(tokenizer.json, as: "tokenizer.json")
      try folder.write(special.tokenizerConfig(config).json, as: "tokenizer_config.json")
      try folder.write(special.map.json, as: "special_tokens_map.json")
    }
    let kept = tensors.filter { !(config.tieWordEmbeddings && $0.name == "lm_head.weight") }
    let plan = ShardPlan(kept, type: type, maximumBytes: maximumShardBytes)
    for (shard, tensors) in plan.shards.enumerated() {
      try SafetensorsWriter.write(
        to: folder.file(plan.fileName(of: shard)), tensors: tensors, type: type, values: values)
    }
    if let index = plan.index { try folder.write(index.json, as: ShardIndex.fileName) }
    try folder.commit()
  }
}

extension DecoderConfig {
  /// The `generation_config.json` that belongs to the model.
  fileprivate var generationJSON: Data {
    ConfigValue.object([
      "_from_model_config": .bool(true), "bos_token_id": .init(bosTokenId),
      "eos_token_id": endValue, "pad_token_id": .init(padTokenId), "use_cache": .bool(true),
    ]).json
  }
}
