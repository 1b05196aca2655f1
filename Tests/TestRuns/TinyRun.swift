import Base
package import Foundation
import Shards
import TestSupport
package import Training

/// Runs of ten steps in a folder of their own, with what they read.
package struct TinyRun {
  package enum Kind: String, CaseIterable, Sendable { case text, cachedTokens, distill, dense }

  package static let model = """
    model:
      model_type: llama4_text
      vocab_size: VOCABULARY
      hidden_size: 16
      intermediate_size: 12
      intermediate_size_mlp: 24
      num_hidden_layers: 2
      num_attention_heads: 2
      num_key_value_heads: 1
      head_dim: 8
      num_local_experts: 2
      interleave_moe_layer_step: 2
      max_position_embeddings: 16
      initializer_range: 0.2

    """

  package let folder: URL
  package let kind: Kind

  /// Writes the texts or the caches that a run of a kind reads.
  package init(_ kind: Kind, in folder: URL) throws {
    self.folder = folder
    self.kind = kind
    guard kind == .text else {
      let codec = kind == .dense ? CacheCodec.whole : .sparse
      try TinyCache(codec: codec).build(
        Tiny.sequences(7), in: folder.appending(path: "cache"))
      try TinyCache(codec: codec).build(
        Tiny.sequences(2, seed: 9), in: folder.appending(path: "held"))
      return
    }
    let lines = (0..<30).map { "{\"text\": \"line \($0) of a text about \($0 * $0) things\"}" }
    try Data(lines.joined(separator: "\n").utf8).write(
      to: folder.appending(path: "text.jsonl"))
  }

  /// The run's folder.
  package func output(_ name: String) -> URL { folder.appending(path: name) }

  /// The config, with what differs.
  package func config(_ name: String, overrides: [String] = []) throws -> RunConfig {
    let root = try ConfigNode.parse(yaml(name), file: "run.yaml").applying(overrides)
    return try RunConfig(root, kind: kind == .distill || kind == .dense ? .distill : .pretrain)
  }

  /// The run, ready to begin or to go on.
  package func prepare(_ name: String, overrides: [String] = []) throws -> TrainingRun {
    try TrainingRun.prepare(
      try config(name, overrides: overrides), version: "test", command: ["codistill"])
  }

  package func yaml(_ name: String) -> String {
    let vocabulary = kind == .text ? 484 : Tiny.vocabulary
    return Self.model.replacing("VOCABULARY", with: "\(vocabulary)") + data + """

      training:
        steps: 10
        batch_size: 2
        gradient_accumulation_steps: 2
        learning_rate: 1e-2
        lr_scheduler_type: cosine
        warmup_steps: 2
        weight_decay: 0.1
        seed: 3
        save_steps: 3
        logging_steps: 1
      evaluation: {every: 4, overlap: \(kind == .text ? "keep" : "refuse"), data: \(heldOut)}
      output: \(output(name).path)
      """
  }

  private var data: String {
    switch kind {
    case .text:
      """
      tokenizer: \(Fixtures.url("tokenizers/llama3_style.json").path)
      data: {paths: \(folder.path)/text.jsonl, sequence_length: 12}
      """
    case .cachedTokens: "data: {cache: \(folder.path)/cache}"
    case .distill, .dense:
      """
      cache: \(folder.path)/cache
      loss: {soft: {schedule: linear, start: 0.9, end: 0.1}, router_aux_loss_coef: 0.01}
      """
    }
  }

  private var heldOut: String {
    kind == .text
      ? "{paths: \(folder.path)/text.jsonl, sequence_length: 12, tokens: 40}"
      : "{cache: \(folder.path)/held}"
  }
}
