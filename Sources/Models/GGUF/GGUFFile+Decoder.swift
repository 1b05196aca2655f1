import Base

extension GGUFFile {
  /// The decoder that the metadata describes.
  ///
  /// - Throws: `GGUFError.unsupportedModel` for an architecture that is not known, `GGUFError` for
  ///   broken metadata, `DecoderConfigError` for values that make no sense.
  func decoderConfig() throws -> DecoderConfig {
    let family = try family()
    try refuseUnsupportedKeys()
    var config = try DecoderConfig(hugging: try huggingFaceValues(family), source: path)
    if let scaling = try storedScaling(config) {
      guard config.ropeScaling == nil else {
        throw unsupported("linear RoPE scaling beside rope_freqs.weight", "one of them")
      }
      config.ropeScaling = .llama3(scaling)
    }
    return config
  }

  /// The family whose GGUF files call themselves as this one does.
  private func family() throws -> Architecture {
    let name = try architecture()
    guard let family = Architecture.all.first(where: { $0.gguf?.name == name }) else {
      let known = Architecture.all.compactMap(\.gguf?.name).joined(separator: ", ")
      throw unsupported("architecture \(name)", known)
    }
    return family
  }

  private func architecture() throws(GGUFError) -> String {
    try string("general.architecture") ?? "unknown"
  }

  /// A key of the architecture's own metadata.
  private func key(_ name: String) throws(GGUFError) -> String {
    try architecture() + "." + name
  }

  private func huggingFaceValues(_ family: Architecture) throws -> [String: JSONValue] {
    var values: [String: JSONValue] = ["model_type": .string(family.name)]
    let keys = [
      "num_hidden_layers": "block_count", "hidden_size": "embedding_length",
      "intermediate_size": "feed_forward_length", "num_attention_heads": "attention.head_count",
      "num_key_value_heads": "attention.head_count_kv",
      "max_position_embeddings": "context_length", "head_dim": "attention.key_length",
    ]
    for (hugging, name) in keys {
      if let number = try int(key(name)) { values[hugging] = .int(number) }
    }
    values["vocab_size"] = .init(try vocabularySize())
    let epsilonKey = try key("attention.layer_norm_rms_epsilon")
    let epsilon = try double(epsilonKey).map { Float($0) }
    guard let epsilon else {
      throw GGUFError.badMetadata(file: path, key: epsilonKey, problem: "is missing")
    }
    values["rms_norm_eps"] = .init(epsilon)
    values["rope_theta"] = .double(try double(key("rope.freq_base")) ?? 10_000)
    values["rope_scaling"] = try scalingValue()
    values["tie_word_embeddings"] = .bool(tensor("output.weight") == nil)
    for (key, name) in ["bos_token_id": "bos", "pad_token_id": "padding"] {
      values[key] = .init(try int("tokenizer.ggml.\(name)_token_id"))
    }
    values["eos_token_id"] = .array(
      try Self.endRoles.compactMap { try int("tokenizer.ggml.\($0)_token_id") }.map { .int($0) })
    try checkHeads(values)
    return values
  }

  private func vocabularySize() throws -> Int? {
    if let size = try int(key("vocab_size")) { return size }
    return tensor("token_embd.weight")?.shape.first
  }

  /// The scaling that the metadata name: without a type a factor is linear, and 0 is none.
  private func scalingValue() throws -> JSONValue {
    let factors = try ["rope.scaling.factor", "rope.scale_linear"]
      .compactMap { try double(key($0)) }.filter { $0 != 0 }
    let factor = factors.first ?? 1
    if let other = factors.dropFirst().first, other != factor {
      throw unsupported("RoPE scaling by \(factor) and by \(other)", "one factor")
    }
    let type = try string(key("rope.scaling.type")) ?? "linear"
    if type == "none", factor != 1 {
      throw unsupported("a RoPE scaling of type none by \(factor)", "linear")
    }
    if type == "none" || (type == "linear" && factor == 1) { return .null }
    let original = try int(key("rope.scaling.original_context_length"))
    return .object([
      "rope_type": .string(type), "factor": .init(Float(factor)),
      "original_max_position_embeddings": .init(original),
    ])
  }

  // Heads that rotate only in part, or whose values have another width, need other attention.
  private func checkHeads(_ values: [String: JSONValue]) throws {
    var headDim = values["head_dim"]
    if headDim == nil, case .int(let width)? = values["hidden_size"],
      case .int(let heads)? = values["num_attention_heads"], heads > 0
    {
      headDim = .int(width / heads)
    }
    if let rotated = try int(key("rope.dimension_count")), headDim != .int(rotated) {
      throw unsupported("rotating \(rotated) numbers of each head", "whole heads")
    }
    if let width = try int(key("attention.value_length")), headDim != .int(width) {
      throw unsupported("values of \(width) numbers a head", "as many as its key has")
    }
  }

  /// The Llama 3 scaling, which converters store as the factor of each frequency.
  ///
  /// The published models differ only in `factor`; anything but their curve is refused.
  private func storedScaling(_ config: DecoderConfig) throws -> DecoderConfig.RopeScaling.Llama3? {
    guard let tensor = tensor("rope_freqs.weight") else { return nil }
    let count = tensor.shape.reduce(1, *)
    guard tensor.type == .f32, count == config.headDim / 2 else {
      throw GGUFError.badTensor(
        file: path, name: tensor.name, problem: "must hold \(config.headDim / 2) F32 numbers")
    }
    var factors = [Float](repeating: 0, count: count)
    factors.withUnsafeMutableBufferPointer { read(tensor, into: $0) }
    if factors.allSatisfy({ $0 == 1 }) { return nil }
    let scaling = DecoderConfig.RopeScaling.Llama3(
      factor: Double(factors.max() ?? 1), lowFreqFactor: 1, highFreqFactor: 4,
      originalMaxPositionEmbeddings: 8192)
    for (index, factor) in factors.enumerated() {
      let expected = scaling.slowdown(of: index, theta: config.ropeTheta, headDim: config.headDim)
      // Written so that a NaN fails too.
      guard abs(Double(factor) - expected) <= 1e-3 * expected else {
        throw unsupported("the frequency scaling in rope_freqs.weight", "that of Llama 3.1 to 3.3")
      }
    }
    return scaling
  }

  /// The error that the decoder does not have what the file asks for.
  func unsupported(_ feature: String, _ supported: String) -> GGUFError {
    .unsupportedModel(file: path, feature: feature, supported: supported)
  }

  /// Refuses metadata that the decoder would otherwise silently do without.
  private func refuseUnsupportedKeys() throws(GGUFError) {
    if try int(key("expert_count")) ?? 0 > 0 {
      throw unsupported("a mixture of experts", "dense")
    }
    let prefix = try key("")
    for key in metadata.keys.sorted() where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      if UnsupportedKeys.readFromGGUF.contains(name) { continue }
      if try isWholeWindow(name) { continue }
      let row =
        UnsupportedKeys.gguf.first { $0.keys.contains(name) }
        ?? .init([name], [.int(0), .bool(false)])
      let value = try configValue(key)
      guard row.isNeutral(value) else {
        throw unsupported("\(key) = \(value.brief)", row.supported)
      }
    }
    if let parts = try int("split.count"), parts > 1 {
      throw unsupported("one of \(parts) parts", "a model in one file; join them first")
    }
  }

  // A window that reaches over the whole context is none.
  private func isWholeWindow(_ name: String) throws(GGUFError) -> Bool {
    guard name == "attention.sliding_window",
      case .unsigned(let window)? = metadata[try key(name)],
      case .unsigned(let context)? = metadata[try key("context_length")]
    else { return false }
    return window >= context
  }

  private func configValue(_ key: String) throws(GGUFError) -> JSONValue {
    switch metadata[key] {
    case .bool(let flag)?: .bool(flag)
    case .double(let number)?: .double(number)
    case .string?: .string(try string(key) ?? "")
    case .array?: .array([])
    case .signed(let number)?: .int(Int(number))
    case .unsigned?: try int(key).map(JSONValue.int) ?? .null
    case nil: .null
    }
  }
}

/// The correspondence of tensor names between GGUF and Hugging Face.
enum GGUFNames {
  private static let outer = [
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  ]

  private static let inner = [
    "attn_norm.weight": "input_layernorm.weight",
    "ffn_norm.weight": "post_attention_layernorm.weight",
    "attn_q.weight": "self_attn.q_proj.weight",
    "attn_k.weight": "self_attn.k_proj.weight",
    "attn_v.weight": "self_attn.v_proj.weight",
    "attn_output.weight": "self_attn.o_proj.weight",
    "ffn_gate.weight": "mlp.gate_proj.weight",
    "ffn_up.weight": "mlp.up_proj.weight",
    "ffn_down.weight": "mlp.down_proj.weight",
  ]

  /// The Hugging Face name of a GGUF tensor; nil where a family has no such tensor.
  static func huggingFace(_ name: String, _ family: Architecture) -> String? {
    if let known = outer[name] { return known }
    let parts = name.split(separator: ".", maxSplits: 2)
    guard parts.count == 3, parts[0] == "blk", let layer = Int(parts[1]),
      let known = inner[String(parts[2])] ?? family.gguf?.names[String(parts[2])]
    else { return nil }
    return "model.layers.\(layer).\(known)"
  }
}
