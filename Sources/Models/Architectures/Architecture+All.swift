extension Architecture {
  /// The families that are known, in the order in which messages name them.
  static let all: [Architecture] = [
    .llama,
    .llama4Text,
    .qwen2,
    .qwen3,
    .qwen3Moe,
    .mistral,
    .mixtral,
    .smolLM3,
  ]
}
