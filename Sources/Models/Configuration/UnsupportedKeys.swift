import Base

/// The keys that change what a model computes in ways that the decoder does not have.
///
/// Each stands with the values at which it changes nothing; null, or no such key, is always one.
/// Any other value is refused by name. Keys in no table are labels, or matter to training alone.
enum UnsupportedKeys {
  /// Keys that are refused but for some values.
  struct Row {
    var keys: [String]
    var neutral: [JSONValue]
    /// The supported values, in words; nil where the neutral values say it.
    var words: String?

    init(_ keys: [String], _ neutral: [JSONValue], _ words: String? = nil) {
      self.keys = keys
      self.neutral = neutral
      self.words = words
    }

    /// The supported values, for messages.
    var supported: String { words ?? neutral.first?.brief ?? "null" }
  }

  /// The refused keys of every config.json.
  static let config = [
    Row(["attention_bias", "mlp_bias", "qkv_bias", "use_bias", "use_qkv_bias"], [.bool(false)]),
    Row(["hidden_act", "hidden_activation"], [.string("silu"), .string("swish")]),
    Row(
      ["quantization_config", "compression_config", "quantization"], [],
      "weights in F32, F16 or BF16"),
    Row(["partial_rotary_factor", "rotary_pct", "rope_ratio"], [.int(1)]),
    Row(
      ["position_embedding_type"], [.string("rope"), .string("rotary"), .string("absolute")], "rope"
    ),
    Row(["rope_interleave", "rope_traditional", "alibi", "use_alibi"], [.bool(false)]),
    Row(
      [
        "attention_multiplier", "query_pre_attn_scalar", "attn_logit_softcapping",
        "final_logit_softcapping", "logit_softcapping", "clip_qkv", "scale_depth", "dim_model_base",
      ], []),
    Row(
      [
        "embedding_multiplier", "residual_multiplier", "logits_scaling", "logit_scale",
        "lm_head_multiplier", "key_multiplier", "scale_emb",
      ], [.int(1)]),
    Row(
      ["parallel_attn", "parallel_residual", "use_parallel_residual", "qk_norm", "qk_layernorm"],
      [.bool(false)]),
    Row(["is_causal"], [.bool(true)]),
    Row(["use_bidirectional_attention", "bidirectional"], [.bool(false)]),
    Row(["num_experts", "n_routed_experts"], [.int(0), .int(1)]),
    Row(["num_kv_shared_layers"], [.int(0)]),
    // What some families have and others have not; a family refuses none of its own keys.
    Row(["num_local_experts"], [.int(0), .int(1)]),
    Row(["use_qk_norm"], [.bool(false)]),
    Row(["attn_temperature_tuning"], [.bool(false), .int(0)]),
    Row(["attention_chunk_size"], []),
    Row(["no_rope_layer_interval"], [.int(0)]),
  ]

  /// All keys of a config.json that are looked at to be refused.
  static let keysOfConfig =
    config.flatMap(\.keys) + ["sliding_window", "use_sliding_window"]

  /// The keys of a rope mapping that are read, by its `rope_type`; all others are refused.
  static let rope: [String: Set<String>] = [
    "default": [], "linear": ["factor"],
    "llama3": ["factor", "low_freq_factor", "high_freq_factor"],
    "yarn": ["factor", "beta_fast", "beta_slow", "attention_factor"],
  ]

  /// The keys of a GGUF, without its architecture's prefix, that are read or change nothing.
  static let readFromGGUF: Set<String> = [
    "block_count", "context_length", "embedding_length", "feed_forward_length", "vocab_size",
    "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length", "attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon",
    "rope.freq_base", "rope.dimension_count", "rope.scaling.type", "rope.scaling.factor",
    "rope.scale_linear", "rope.scaling.original_context_length", "rope.scaling.finetuned",
    "tensor_data_layout",
  ]

  /// The other keys of a GGUF; one of the architecture that is not here may only be 0 or false.
  static let gguf = [
    Row(
      [
        "rope.scaling.attn_factor", "rope.scaling.yarn_attn_factor",
        "rope.scaling.yarn_beta_slow", "logit_scale", "embedding_scale", "residual_scale",
      ], [.int(1), .int(0)]),
    Row(["rope.scaling.yarn_beta_fast"], [.int(32), .int(0)]),
    Row(["attention.causal"], [.bool(true)]),
  ]
}

extension UnsupportedKeys.Row {
  /// Whether a value changes nothing; 1 and 1.0 are one number.
  func isNeutral(_ value: JSONValue) -> Bool {
    neutral.contains { known in
      if case (.int(let known), .double(let value)) = (known, value) {
        return Double(known) == value
      }
      return known == value
    }
  }
}

extension ConfigReader {
  /// Refuses what the decoder would otherwise silently do differently.
  func refuseUnsupported(besides own: [String]) throws(DecoderConfigError) {
    for row in UnsupportedKeys.config {
      for key in row.keys where !own.contains(key) {
        guard let value = value(key), !row.isNeutral(value) else { continue }
        throw unsupported(key, value.brief, row.supported)
      }
    }
    if !own.contains("sliding_window") { try refuseWindow() }
    if !own.contains("layer_types") { _ = try layerTypes(["full_attention"]) }
    if !own.contains("no_rope_layers"), try ints("no_rope_layers")?.contains(0) == true {
      throw unsupported("no_rope_layers", "0 somewhere", "1 for every layer")
    }
  }

  // A window that reaches over the whole context is none.
  private func refuseWindow() throws(DecoderConfigError) {
    guard let window = try int("sliding_window"), window > 0,
      try bool("use_sliding_window") != false
    else { return }
    let context = try int("max_position_embeddings") ?? .max
    if window < context { throw unsupported("sliding_window", "\(window)", "null") }
  }
}

extension JSONValue {
  /// The value in a word, for messages.
  var brief: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .int(let number): "\(number)"
    case .double(let number): "\(number)"
    case .string(let text): text
    case .array, .object: "set"
    }
  }
}
