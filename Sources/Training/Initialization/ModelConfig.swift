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
}

extension ModelConfig {
  // The last one is counted by `plan`, and otherwise left alone: students are text models.
  private static let sharedKeys = [
    "model_type", "vocab_size", "hidden_size", "intermediate_size", "intermediate_size_mlp",
    "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
    "max_position_embeddings", "initializer_range", "rms_norm_eps", "tie_word_embeddings",
    "bos_token_id", "eos_token_id", "pad_token_id", "num_experts_per_tok", "num_local_experts",
    "moe_layers", "interleave_moe_layer_step", "use_qk_norm", "no_rope_layers",
    "no_rope_layer_interval", "attention_chunk_size", "layer_types", "attn_temperature_tuning",
    "floor_scale", "attn_scale", "rope_theta", "rope_scaling", "rope_parameters", "vision_config",
  ]

  /// The keys of the section, in the order in which they are written: those of all decoders and of
  /// the Llamas, and those that the family alone reads.
  private var keys: [String] {
    let family = DecoderConfig.keys(ofFamily: values["model_type"]?.string ?? "")
    return Self.sharedKeys + family.filter { !Self.sharedKeys.contains($0) }
  }

  package init(_ node: ConfigNode) throws(ConfigError) {
    place = node.place
    values = [:]
    let entries = try node.entries()
    for entry in entries { values[entry.key] = entry.value.value }
    let known = keys
    for entry in entries where !known.contains(entry.key) {
      throw .unknownKey(
        entry.place, key: entry.key, section: node.path,
        nearest: NearestKey.nearest(to: entry.key, among: known))
    }
  }

  /// The section as it is written into a run directory, in the order of the keys above.
  var resolved: JSONValue {
    .object(
      keys.compactMap { key in values[key].map { JSONMember(key, $0) } })
  }

  /// Equality of the values, wherever they were written.
  public static func == (left: ModelConfig, right: ModelConfig) -> Bool {
    left.values == right.values
  }
}
