import Base

extension Architecture {
  /// The Llama 4 text decoder (docs/llama4.md): mixtures of experts, rotary pairs (2j, 2j + 1),
  /// chunks, layers without rotation.
  public static let llama4Text = Architecture(
    name: "llama4_text", className: "Llama4ForCausalLM", title: "Llama 4",
    wrapper: Wrapper(
      name: "llama4", className: "Llama4ForConditionalGeneration", section: "text_config"),
    defaults: Defaults(
      keyValueHeads: 8, headDim: 128, maxPositionEmbeddings: 131_072, rmsNormEps: 1e-5,
      ropeTheta: 500_000),
    keys: [
      "intermediate_size_mlp", "num_experts_per_tok", "num_local_experts", "moe_layers",
      "interleave_moe_layer_step", "use_qk_norm", "no_rope_layers", "no_rope_layer_interval",
      "attention_chunk_size", "layer_types", "attn_temperature_tuning", "floor_scale",
      "attn_scale",
    ],
    read: { config, reader throws(DecoderConfigError) in try config.readLlama4(reader) },
    write: { $0.llama4Values },
    pairsNeighbours: true,
    feedForward: "feed_forward",
    denseWidth: Width(key: "intermediate_size_mlp", path: \.intermediateSizeMlp),
    mixture: Mixture(
      router: "router", shared: "shared_expert", storage: .fused, score: .sigmoidOfInput,
      width: Width(key: "intermediate_size", path: \.intermediateSize)))
}

extension DecoderConfig {
  /// Reads the keys that only Llama 4 has (docs/llama4.md §1.2).
  fileprivate mutating func readLlama4(_ reader: ConfigReader) throws(DecoderConfigError) {
    intermediateSizeMlp = try reader.int("intermediate_size_mlp", in: 1...16_777_216) ?? 16_384
    useQkNorm = try reader.bool("use_qk_norm") ?? true
    attnTemperatureTuning = try reader.temperatureTuning()
    floorScale = try reader.int("floor_scale", in: 1...Int(Int32.max)) ?? 8192
    attnScale = try reader.float("attn_scale") ?? 0.1
    try readExperts(reader)
    try readLayers(reader)
  }

  private mutating func readExperts(_ reader: ConfigReader) throws(DecoderConfigError) {
    numLocalExperts = try reader.int("num_local_experts", in: 1...65_536) ?? 16
    numExpertsPerTok = try reader.int("num_experts_per_tok", in: 1...65_536) ?? 1
    let step = try reader.int("interleave_moe_layer_step", in: 1...Int(Int32.max)) ?? 1
    let layers = try reader.ints("moe_layers")
    moeLayers =
      layers?.sorted() ?? Array(stride(from: step - 1, to: numHiddenLayers, by: step))
    if let outside = moeLayers.first(where: { !(0..<numHiddenLayers).contains($0) }) {
      throw reader.invalid("moe_layers", "names layer \(outside) of \(numHiddenLayers)")
    }
    if Set(moeLayers).count != moeLayers.count {
      throw reader.invalid("moe_layers", "names a layer twice")
    }
    try requireEnoughExperts(reader)
  }

  private mutating func readLayers(_ reader: ConfigReader) throws(DecoderConfigError) {
    ropeLayers = try reader.ropeLayers(count: numHiddenLayers)
    let kinds = ["chunked_attention", "full_attention"]
    let types = try reader.layerTypes(kinds, count: numHiddenLayers)
    chunkedLayers = types?.map { $0 == kinds[0] } ?? ropeLayers
    let hasChunk = reader.has("attention_chunk_size")
    attentionChunkSize =
      try reader.int("attention_chunk_size", in: 1...Int(Int32.max)) ?? (hasChunk ? nil : 8192)
    // One way to say "no chunks", however the file put it.
    if attentionChunkSize == nil || !chunkedLayers.contains(true) {
      attentionChunkSize = nil
      chunkedLayers = Array(repeating: false, count: numHiddenLayers)
    }
  }

  fileprivate var llama4Values: [String: JSONValue] {
    let chunked = chunkedLayers.map { $0 && attentionChunkSize != nil }
    return [
      "intermediate_size_mlp": .int(intermediateSizeMlp),
      "use_qk_norm": .bool(useQkNorm),
      "attn_temperature_tuning": .bool(attnTemperatureTuning),
      "floor_scale": .int(floorScale),
      "attn_scale": .init(attnScale),
      "num_local_experts": .int(max(numLocalExperts, 1)),
      "num_experts_per_tok": .int(numExpertsPerTok),
      "moe_layers": .array(moeLayers.map(JSONValue.int)),
      "no_rope_layers": .array(ropeLayers.map { .int($0 ? 1 : 0) }),
      "layer_types": .array(
        chunked.map { .string($0 ? "chunked_attention" : "full_attention") }),
      // transformers builds the chunk mask even if no layer uses it, and fails on null.
      "attention_chunk_size": .int(attentionChunkSize ?? maxPositionEmbeddings),
      "output_router_logits": .bool(false),
      "router_aux_loss_coef": .double(0.001),
      "router_jitter_noise": .double(0),
    ]
  }
}

extension ConfigReader {
  /// A boolean, or the int that transformers 4.51 wrote, where only 0 means off.
  fileprivate func temperatureTuning() throws(DecoderConfigError) -> Bool {
    if case .int(let number)? = value("attn_temperature_tuning") { return number != 0 }
    return try bool("attn_temperature_tuning") ?? true
  }
}
