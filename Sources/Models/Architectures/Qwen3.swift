extension Architecture {
  /// Qwen 3: queries and keys normalised before the rotation, with a gain for each number of a
  /// head, and no bias.
  package static let qwen3 = Architecture(
    name: "qwen3", className: "Qwen3ForCausalLM", title: "Qwen 3",
    defaults: Defaults(keyValueHeads: 32, headDim: 128, maxPositionEmbeddings: 32_768),
    keys: Self.qwenWindowKeys,
    ropeTypes: ["default", "linear", "llama3", "yarn"],
    read: { config, reader throws(DecoderConfigError) in try config.readQwenWindows(reader) },
    write: { $0.qwenWindowValues },
    queryKeyNorm: .beforeRotation,
    gguf: GGUFLayout(name: "qwen3", permutesRows: false, names: Self.qwen3Names))

  private static let qwen3Names = [
    "attn_q_norm.weight": "self_attn.q_norm.weight",
    "attn_k_norm.weight": "self_attn.k_norm.weight",
  ]
}
