import Base

extension Architecture {
  /// Llama 2 and 3: dense feed-forwards, rotary pairs (j, j + d/2).
  package static let llama = Architecture(
    name: "llama", className: "LlamaForCausalLM", title: "Llama 2 and 3",
    needsWholeHeads: true,
    write: { _ in ["mlp_bias": .bool(false), "pretraining_tp": .int(1)] },
    gguf: GGUFLayout(name: "llama", permutesRows: true))
}
