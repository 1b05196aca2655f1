extension RunConfig {
  /// The config as YAML, every default written out; reading it gives the same config.
  public var yaml: String {
    let resolved: ResolvedSection<Key> = [
      .model: .optional(model) { $0.resolved },
      .initialize: .optional(initialize) { $0.resolved.value },
      .tokenizer: .optional(tokenizer) { .text($0) },
      .cache: .optional(cache) { .text($0) },
      .teacher: .optional(teacher) { .text($0) },
      .data: .optional(data) { $0.resolved.value },
      .emission: .optional(emission) { $0.resolved.value },
      .training: training.resolved.value,
      .loss: loss.resolved.value,
      .evaluation: .optional(evaluation) { $0.resolved.value },
      .output: .text(output),
    ]
    return resolved.value.yaml + "\n"
  }
}
