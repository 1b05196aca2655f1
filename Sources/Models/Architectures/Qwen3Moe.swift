import Base

extension Architecture {
  /// Qwen 3 with mixtures of experts in most layers: Qwen 3's attention, no shared expert.
  package static let qwen3Moe = Architecture(
    name: "qwen3_moe", className: "Qwen3MoeForCausalLM", title: "Qwen 3 MoE",
    defaults: Defaults(keyValueHeads: 4, maxPositionEmbeddings: 32_768),
    keys: [
      "num_experts", "num_local_experts", "num_experts_per_tok", "moe_intermediate_size",
      "norm_topk_prob", "mlp_only_layers", "decoder_sparse_step",
    ],
    ropeTypes: ["default", "linear", "llama3", "yarn"],
    read: { config, reader throws(DecoderConfigError) in try config.readQwen3Moe(reader) },
    write: { $0.qwen3MoeValues },
    queryKeyNorm: .beforeRotation,
    mixture: Mixture(
      router: "gate", shared: nil,
      storage: .separate(gate: "gate_proj", up: "up_proj", down: "down_proj"),
      score: .softmaxOfOutput,
      width: Width(key: "moe_intermediate_size", path: \.moeIntermediateSize)))
}

extension DecoderConfig {
  fileprivate mutating func readQwen3Moe(_ reader: ConfigReader) throws(DecoderConfigError) {
    moeIntermediateSize = try reader.int("moe_intermediate_size", in: 1...16_777_216) ?? 768
    let older = try reader.int("num_experts", in: 1...65_536)
    numLocalExperts = try reader.int("num_local_experts", in: 1...65_536) ?? older ?? 128
    if let older, older != numLocalExperts {
      throw reader.invalid("num_experts", "is \(older), but num_local_experts \(numLocalExperts)")
    }
    numExpertsPerTok = try reader.int("num_experts_per_tok", in: 1...65_536) ?? 8
    normTopkProb = try reader.bool("norm_topk_prob") ?? false
    let dense = try reader.ints("mlp_only_layers") ?? []
    let step = try reader.int("decoder_sparse_step", in: 1...Int(Int32.max)) ?? 1
    moeLayers = (0..<numHiddenLayers).filter { !dense.contains($0) && ($0 + 1) % step == 0 }
    try requireEnoughExperts(reader)
  }

  fileprivate var qwen3MoeValues: [String: JSONValue] {
    [
      // Both names: transformers has one of them in version 4, the other in version 5.
      "num_experts": .int(max(numLocalExperts, 1)),
      "num_local_experts": .int(max(numLocalExperts, 1)),
      "num_experts_per_tok": .int(numExpertsPerTok),
      "moe_intermediate_size": .int(moeIntermediateSize),
      "norm_topk_prob": .bool(normTopkProb),
      "mlp_only_layers": .array(
        (0..<numHiddenLayers).filter { !isMixture(layer: $0) }.map(JSONValue.int)),
      "decoder_sparse_step": .int(1),
      "use_sliding_window": .bool(false),
      "output_router_logits": .bool(false),
      "router_aux_loss_coef": .double(0.001),
    ]
  }
}
