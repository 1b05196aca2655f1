public import Base
import Models

/// The shape of a student, as Hugging Face's `config.json` would say it. (`model:`)
///
/// The keys are those that shape a decoder; a published config holds more, which a config of ours
/// refuses, because nothing would read them. Their values are checked by whoever builds the
/// decoder's configuration from them.
public struct ModelConfig: Sendable, Equatable {
  /// The values by Hugging Face's names.
  public var values: [String: JSONValue]
  /// The place of the section in its file, for errors about its values.
  public var place: ConfigPlace

  /// A shape from its values.
  package init(values: [String: JSONValue], place: ConfigPlace) {
    self.values = values
    self.place = place
  }
}

extension ModelConfig {
  /// A key of the section: one of those that all decoders or those of Llama have, in the order in
  /// which they are written, or another that some family reads.
  struct Key: ConfigKey {
    let rawValue: String

    static let allCases: [Key] = (first + DecoderConfig.familyKeys.filter { !first.contains($0) })
      .map(Key.init)

    // The last one is counted by `plan`, and otherwise left alone: students are text models.
    private static let first = [
      "model_type", "vocab_size", "hidden_size", "intermediate_size", "intermediate_size_mlp",
      "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
      "max_position_embeddings", "initializer_range", "rms_norm_eps", "tie_word_embeddings",
      "bos_token_id", "eos_token_id", "pad_token_id", "num_experts_per_tok", "num_local_experts",
      "moe_layers", "interleave_moe_layer_step", "use_qk_norm", "no_rope_layers",
      "no_rope_layer_interval", "attention_chunk_size", "layer_types", "attn_temperature_tuning",
      "floor_scale", "attn_scale", "rope_theta", "rope_scaling", "rope_parameters", "vision_config",
    ]
  }

  package init(_ node: ConfigNode) throws(ConfigError) {
    _ = try ConfigSection<Key>(node)
    place = node.place
    values = [:]
    for entry in try node.entries() { values[entry.key] = entry.value.value }
  }

  /// The section as it is written into a run directory, in the order of the keys above.
  var resolved: JSONValue {
    .object(
      Key.allCases.compactMap { key in
        values[key.rawValue].map { JSONMember(key.rawValue, $0) }
      })
  }

  /// Equality of the values, wherever they were written.
  public static func == (left: ModelConfig, right: ModelConfig) -> Bool {
    left.values == right.values
  }
}
