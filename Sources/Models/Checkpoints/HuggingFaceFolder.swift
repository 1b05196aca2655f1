import Base
import Foundation

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

extension DecoderConfig {
  /// The `generation_config.json` that belongs to the model.
  fileprivate var generationJSON: Data {
    JSONValue.object([
      "_from_model_config": .bool(true), "bos_token_id": .init(bosTokenId),
      "eos_token_id": endValue, "pad_token_id": .init(padTokenId), "use_cache": .bool(true),
    ]).json
  }
}
