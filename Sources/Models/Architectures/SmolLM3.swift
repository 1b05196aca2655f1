import Base

extension Architecture {
  /// SmolLM 3: Llama's layers, of which every fourth does not rotate.
  package static let smolLM3 = Architecture(
    name: "smollm3", className: "SmolLM3ForCausalLM", title: "SmolLM 3",
    defaults: Defaults(
      keyValueHeads: 4, maxPositionEmbeddings: 32_768, ropeTheta: 2_000_000, tiesEmbeddings: true),
    keys: ["no_rope_layers", "no_rope_layer_interval"],
    ropeTypes: ["default", "linear", "llama3", "yarn"],
    read: { config, reader throws(DecoderConfigError) in
      config.ropeLayers = try reader.ropeLayers(count: config.numHiddenLayers)
    },
    write: {
      [
        "mlp_bias": .bool(false),
        "no_rope_layers": .array($0.ropeLayers.map { .int($0 ? 1 : 0) }),
      ]
    },
    gguf: GGUFLayout(name: "smollm3", permutesRows: true))
}
