import Base

extension Architecture {
  /// Mixtral: Llama's attention, a mixture of experts in every layer, no shared expert.
  package static let mixtral = Architecture(
    name: "mixtral", className: "MixtralForCausalLM", title: "Mixtral",
    defaults: Defaults(
      keyValueHeads: 8, maxPositionEmbeddings: 131_072, rmsNormEps: 1e-5, ropeTheta: 1_000_000),
    keys: ["num_local_experts", "num_experts_per_tok"],
    read: { config, reader throws(DecoderConfigError) in
      config.numLocalExperts = try reader.int("num_local_experts", in: 1...65_536) ?? 8
      config.numExpertsPerTok = try reader.int("num_experts_per_tok", in: 1...65_536) ?? 2
      config.moeLayers = Array(0..<config.numHiddenLayers)
      try config.requireEnoughExperts(reader)
    },
    write: {
      [
        "num_local_experts": .int($0.numLocalExperts),
        "num_experts_per_tok": .int($0.numExpertsPerTok),
        "sliding_window": .null, "output_router_logits": .bool(false),
        "router_aux_loss_coef": .double(0.001), "router_jitter_noise": .double(0),
      ]
    },
    feedForward: "block_sparse_moe",
    mixture: Mixture(
      router: "gate", shared: nil, storage: .separate(gate: "w1", up: "w3", down: "w2"),
      score: .softmaxOfOutput,
      width: Width(key: "intermediate_size", path: \.intermediateSize)))
}
