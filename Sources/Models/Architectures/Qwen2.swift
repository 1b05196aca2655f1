import Base

extension Architecture {
  /// Qwen 2 and 2.5: biases on queries, keys and values; windows in the later layers, if asked for.
  package static let qwen2 = Architecture(
    name: "qwen2", className: "Qwen2ForCausalLM", title: "Qwen 2 and 2.5",
    defaults: Defaults(keyValueHeads: 32, maxPositionEmbeddings: 32_768),
    keys: Self.qwenWindowKeys,
    ropeTypes: ["default", "linear", "llama3", "yarn"],
    read: { config, reader throws(DecoderConfigError) in try config.readQwenWindows(reader) },
    write: { $0.qwenWindowValues },
    hasAttentionBias: true,
    gguf: GGUFLayout(
      name: "qwen2", permutesRows: false,
      names: [
        "attn_q.bias": "self_attn.q_proj.bias",
        "attn_k.bias": "self_attn.k_proj.bias",
        "attn_v.bias": "self_attn.v_proj.bias",
      ]))

  /// The keys by which the dense models of Qwen choose the layers with windows.
  static let qwenWindowKeys = [
    "use_sliding_window", "sliding_window", "max_window_layers", "layer_types",
  ]
}

extension DecoderConfig {
  /// Reads which layers have windows: those that are named, else all from one on.
  mutating func readQwenWindows(_ reader: ConfigReader) throws(DecoderConfigError) {
    let kinds = ["full_attention", "sliding_attention"]
    let isAsked = try reader.bool("use_sliding_window") ?? false
    let given = try reader.int("sliding_window", in: 1...Int(Int32.max))
    let first = try reader.int("max_window_layers", in: 0...Int(Int32.max)) ?? 28
    let types = try reader.layerTypes(isAsked ? kinds : [kinds[0]], count: numHiddenLayers)
    guard isAsked, let window = given ?? (reader.has("sliding_window") ? nil : 4096) else { return }
    slidingLayers =
      types?.map { $0 == kinds[1] } ?? (0..<numHiddenLayers).map { $0 >= first }
    slidingWindow = slidingLayers.contains(true) ? window : nil
  }

  /// The windows as transformers writes them.
  var qwenWindowValues: [String: JSONValue] {
    [
      "use_sliding_window": .bool(slidingLayers.contains(true)),
      "sliding_window": .init(slidingWindow),
      "max_window_layers": .int(slidingLayers.firstIndex(of: true) ?? numHiddenLayers),
      "layer_types": .array(
        slidingLayers.map { .string($0 ? "sliding_attention" : "full_attention") }),
    ]
  }
}
