/// The parts of configs that the tests which train have in common.
enum TinyTraining {
  /// A Llama 4 of two layers, the second a mixture, with the text and tokenizer it learns from.
  static let sections = """
    model:
      model_type: llama4_text
      vocab_size: 270
      hidden_size: 16
      intermediate_size: 8
      intermediate_size_mlp: 16
      num_hidden_layers: 2
      num_attention_heads: 2
      num_key_value_heads: 1
      head_dim: 8
      num_local_experts: 2
      interleave_moe_layer_step: 2
      max_position_embeddings: 32
    tokenizer: tokenizer.json
    \(data)

    """

  private static let data = "data: {paths: text.jsonl, sequence_length: 16}"

  /// A distillation of that model from something else than its text.
  static func distillation(
    from source: String = "cache: cache", steps: Int = 2, to output: String
  ) -> String {
    sections.replacing(data, with: source) + """
      training: {steps: \(steps), batch_size: 2, learning_rate: 1e-2}
      loss: {soft: {value: 0.9}}
      output: \(output)

      """
  }
}
