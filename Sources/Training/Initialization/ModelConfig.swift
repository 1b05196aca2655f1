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
  /// Where the section was written, for errors about its values.
  public var place: ConfigPlace

  /// A shape from its values.
  public init(values: [String: JSONValue], place: ConfigPlace) {
    self.values = values
    self.place = place
  }
}

extension ModelConfig {
  enum Key: String, ConfigKey {
    case modelType = "model_type"
    case vocabSize = "vocab_size"
    case hiddenSize = "hidden_size"
    case intermediateSize = "intermediate_size"
    case intermediateSizeMlp = "intermediate_size_mlp"
    case numHiddenLayers = "num_hidden_layers"
    case numAttentionHeads = "num_attention_heads"
    case numKeyValueHeads = "num_key_value_heads"
    case headDim = "head_dim"
    case maxPositionEmbeddings = "max_position_embeddings"
    case initializerRange = "initializer_range"
    case rmsNormEps = "rms_norm_eps"
    case tieWordEmbeddings = "tie_word_embeddings"
    case bosTokenId = "bos_token_id"
    case eosTokenId = "eos_token_id"
    case padTokenId = "pad_token_id"
    case numExpertsPerTok = "num_experts_per_tok"
    case numLocalExperts = "num_local_experts"
    case moeLayers = "moe_layers"
    case interleaveMoeLayerStep = "interleave_moe_layer_step"
    case useQkNorm = "use_qk_norm"
    case noRopeLayers = "no_rope_layers"
    case noRopeLayerInterval = "no_rope_layer_interval"
    case attentionChunkSize = "attention_chunk_size"
    case layerTypes = "layer_types"
    case attnTemperatureTuning = "attn_temperature_tuning"
    case floorScale = "floor_scale"
    case attnScale = "attn_scale"
    case ropeTheta = "rope_theta"
    case ropeScaling = "rope_scaling"
    case ropeParameters = "rope_parameters"
    // Counted by `plan`, and otherwise left alone: students are text models.
    case visionConfig = "vision_config"
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
