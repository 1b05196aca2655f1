@testable import Base
import Foundation
import Testing
import Text

@testable import Models

@Suite("case gguf-rope-factor: keys that change the arithmetic") struct UnsupportedKeysTests {
  private static let sizes = #"""
    "vocab_size": 100, "hidden_size": 64, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 8, "max_position_embeddings": 4096
    """#

  private func config(_ keys: String, type: String = "llama") throws -> DecoderConfig {
    let json = #"{"model_type": "\#(type)", \#(Self.sizes), \#(keys)}"#
    let values = try JSONParser.parse(Array(json.utf8)).object
    return try DecoderConfig(hugging: try #require(values), source: "c")
  }

  static let refused: [(keys: String, says: String)] = [
    (
      #""attention_bias": true"#,
      "attention_bias is true, which this decoder does not support; supported: false"
    ),
    (#""mlp_bias": true"#, "mlp_bias is true"),
    (#""hidden_act": "gelu""#, "hidden_act is gelu"),
    (#""partial_rotary_factor": 0.5"#, "partial_rotary_factor is 0.5"),
    (#""quantization_config": {}"#, "quantization_config is set"),
    (#""quantization": {"bits": 4}"#, "quantization is set"),
    (#""sliding_window": 1024"#, "sliding_window is 1024"),
    (#""sliding_window": 1024, "use_sliding_window": true"#, "sliding_window is 1024"),
    (#""attention_multiplier": 0.0078125"#, "attention_multiplier is 0.0078125"),
    (#""logits_scaling": 8"#, "logits_scaling is 8"),
    (#""embedding_multiplier": 12.0"#, "embedding_multiplier is 12.0"),
    (#""residual_multiplier": 0.22"#, "residual_multiplier is 0.22"),
    (#""attn_logit_softcapping": 50.0"#, "attn_logit_softcapping is 50.0"),
    (#""final_logit_softcapping": 30.0"#, "final_logit_softcapping is 30.0"),
    (#""logit_scale": 0.0625"#, "logit_scale is 0.0625"),
    (#""query_pre_attn_scalar": 256"#, "query_pre_attn_scalar is 256"),
    (#""clip_qkv": 8"#, "clip_qkv is 8"),
    (#""parallel_attn": true"#, "parallel_attn is true"),
    (#""is_causal": false"#, "is_causal is false"),
    (#""position_embedding_type": "alibi""#, "position_embedding_type is alibi"),
    (#""num_local_experts": 8"#, "num_local_experts is 8"),
    (#""use_qk_norm": true"#, "use_qk_norm is true"),
    (#""attn_temperature_tuning": true"#, "attn_temperature_tuning is true"),
    (#""attention_chunk_size": 8192"#, "attention_chunk_size is 8192"),
    (
      #""layer_types": ["full_attention", "sliding_attention"]"#, "layer_types is sliding_attention"
    ),
    (#""no_rope_layers": [1, 0]"#, "no_rope_layers is 0 somewhere"),
    (#""rope_scaling": {"type": "dynamic", "factor": 2}"#, "rope_scaling.rope_type is dynamic"),
    (
      #""rope_parameters": {"rope_type": "yarn", "factor": 2}"#, "rope_parameters.rope_type is yarn"
    ),
    (#""rope_scaling": {"rope_type": "longrope"}"#, "rope_scaling.rope_type is longrope"),
    (#""rope_scaling": {"factor": 2}"#, "rope_scaling.rope_type is missing"),
    (#""rope_scaling": {"rope_type": "default", "factor": 2}"#, "rope_scaling.factor is 2"),
    (
      #""rope_scaling": {"type": "linear", "factor": 2, "attention_factor": 1.5}"#,
      "rope_scaling.attention_factor is 1.5"
    ),
    (
      #""rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.25}"#,
      "rope_parameters.partial_rotary_factor is 0.25"
    ),
    (
      #""rope_parameters": {"full_attention": {"rope_type": "default"}}"#,
      "rope_parameters.full_attention is set"
    ),
  ]

  @Test(arguments: refused) func aConfigThatComputesOtherwiseIsRefused(
    keys: String, says: String
  ) throws {
    let error = #expect(throws: DecoderConfigError.self) { try config(keys) }
    let text = try #require(error?.description)
    #expect(text.hasPrefix("c: " + says) && text.contains("supported: "), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func aContradictionIsRefused() {
    let error = #expect(throws: DecoderConfigError.self) {
      try config(#""rope_scaling": {"rope_type": "linear", "type": "dynamic", "factor": 2}"#)
    }
    #expect(error?.description.contains("rope_type is linear, but type is dynamic") == true)
  }

  @Test(arguments: [
    #""attention_bias": false, "mlp_bias": null, "pretraining_tp": 2, "hidden_act": "silu""#,
    #""sliding_window": null, "attn_logit_softcapping": null, "quantization_config": null"#,
    #""sliding_window": 4096"#, #""sliding_window": 1024, "use_sliding_window": false"#,
    #""logits_scaling": 1.0, "embedding_multiplier": 1, "partial_rotary_factor": 1.0"#,
    #""layer_types": ["full_attention", "full_attention"], "no_rope_layers": [1, 1]"#,
    #""num_local_experts": 1, "use_qk_norm": false, "attn_temperature_tuning": 0"#,
    #""rope_scaling": {"rope_type": "default", "factor": 1.0, "attention_factor": null}"#,
    #""transformers_version": "5.23.0", "anything": {"else": [1, 2]}, "use_cache": true"#,
  ]) func whatChangesNothingPasses(keys: String) throws {
    #expect(try config(keys).ropeScaling == nil)
  }

  @Test func theTopOfAMultimodalFileCounts() throws {
    var values = try DecoderConfig.members(of: fixture("scout_like.config.json"))
    #expect(throws: Never.self) { try DecoderConfig(hugging: values, source: "c") }
    values["quantization_config"] = .object(["quant_method": .string("fp8")])
    let error = #expect(throws: DecoderConfigError.self) {
      try DecoderConfig(hugging: values, source: "c")
    }
    #expect(error?.description.hasPrefix("c: quantization_config is set") == true)
  }

  static let refusedMetadata: [(@Sendable (inout GGUFBuilder) -> Void, String)] = [
    ({ $0.add("llama.expert_count", 8 as UInt32) }, "a mixture of experts"),
    ({ $0.add("llama.rope.scaling.type", "yarn") }, "rope_scaling.rope_type is yarn"),
    ({ $0.add("llama.rope.scaling.type", "longrope") }, "rope_scaling.rope_type is longrope"),
    (
      {
        $0.add("llama.rope.scaling.type", "none")
        $0.add("llama.rope.scaling.factor", 4 as Float)
      }, "a RoPE scaling of type none by 4.0"
    ),
    (
      {
        $0.add("llama.rope.scaling.factor", 2 as Float)
        $0.add("llama.rope.scale_linear", 4 as Float)
      }, "RoPE scaling by 2.0 and by 4.0"
    ),
    ({ $0.add("llama.rope.scaling.factor", -2 as Float) }, "rope_scaling.factor is -2.0"),
    (
      { $0.add("llama.rope.scaling.factor", .nan as Float) }, "rope_scaling.factor is nan"
    ),
    (
      { $0.add("llama.rope.scaling.attn_factor", 1.5 as Float) },
      "llama.rope.scaling.attn_factor = 1.5"
    ),
    ({ $0.add("llama.rope.scaling.yarn_ext_factor", 1 as Float) }, "yarn_ext_factor = 1.0"),
    ({ $0.add("llama.rope.scaling.yarn_log_multiplier", 0.1 as Float) }, "yarn_log_multiplier"),
    ({ $0.add("llama.rope.freq_base_swa", 10_000 as Float) }, "llama.rope.freq_base_swa"),
    ({ $0.add("llama.attention.key_length", 8 as UInt32) }, "rotating 4 numbers of each head"),
    ({ $0.add("llama.attention.value_length", 8 as UInt32) }, "values of 8 numbers a head"),
    (
      { $0.add("llama.attention.sliding_window", 16 as UInt32) },
      "llama.attention.sliding_window = 16"
    ),
    ({ $0.add("llama.attention.scale", 0.5 as Float) }, "llama.attention.scale = 0.5"),
    ({ $0.add("llama.attention.causal", false) }, "llama.attention.causal = false"),
    ({ $0.add("llama.attention.clamp_kqv", 8 as Float) }, "llama.attention.clamp_kqv = 8.0"),
    ({ $0.add("llama.logit_scale", 0.0625 as Float) }, "llama.logit_scale = 0.0625"),
    ({ $0.add("llama.embedding_scale", 12 as Float) }, "llama.embedding_scale = 12.0"),
    ({ $0.add("llama.residual_scale", 0.25 as Float) }, "llama.residual_scale = 0.25"),
    ({ $0.add("llama.attn_logit_softcapping", 50 as Float) }, "attn_logit_softcapping = 50.0"),
    ({ $0.add("llama.final_logit_softcapping", 30 as Float) }, "final_logit_softcapping = 30.0"),
    ({ $0.add("llama.use_parallel_residual", true) }, "llama.use_parallel_residual = true"),
    ({ $0.add("llama.expert_used_count", 2 as UInt32) }, "llama.expert_used_count = 2"),
    ({ $0.add("llama.something_new", ["a"]) }, "llama.something_new = set"),
    ({ $0.add("split.count", 3 as UInt32) }, "one of 3 parts"),
    (
      { $0.values.removeAll { $0.key == "llama.attention.layer_norm_rms_epsilon" } },
      "llama.attention.layer_norm_rms_epsilon is missing"
    ),
    (
      { $0.add("rope_factors_long.weight", shape: [2], [1, 1]) },
      "the tensor rope_factors_long.weight"
    ),
  ]

  @Test(arguments: refusedMetadata.indices) func aGGUFThatComputesOtherwiseIsRefused(
    index: Int
  ) throws {
    let (change, says) = Self.refusedMetadata[index]
    let folder = try TemporaryFolder()
    var builder = GGUFBuilder.llama
    change(&builder)
    let path = try folder.write(builder.bytes, as: "x.gguf")
    let error = #expect(throws: (any Error).self) { try Checkpoint.open(path) }
    let text = String(describing: error ?? CancellationError())
    #expect(text.contains(says) && text.hasPrefix(path + ": "), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func metadataThatChangeNothingPass() throws {
    let folder = try TemporaryFolder()
    var builder = GGUFBuilder.llama
    for key in ["expert_count", "expert_used_count", "leading_dense_block_count"] {
      builder.add("llama." + key, 0 as UInt32)
    }
    builder.add("llama.attention.value_length", 4 as UInt32)
    builder.add("llama.attention.key_length", 4 as UInt32)
    builder.add("llama.attention.sliding_window", 64 as UInt32)
    builder.add("llama.attention.causal", true)
    builder.add("llama.logit_scale", 1 as Float)
    builder.add("llama.tensor_data_layout", "Meta AI original pth")
    builder.add("llama.rope.scaling.finetuned", false)
    builder.add("llama.rope.scaling.original_context_length", 8192 as UInt32)
    builder.add("general.finetune", "anything")
    builder.add("qwen2.rope.freq_base", 7 as Float)
    let path = try folder.write(builder.bytes, as: "x.gguf")
    #expect(try Checkpoint.open(path).config.ropeScaling == nil)
  }

  @Test func noKeyIsBothReadAndRefused() {
    let rows = UnsupportedKeys.config
    let keys = rows.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
    let metadata = UnsupportedKeys.gguf.flatMap(\.keys)
    #expect(UnsupportedKeys.readFromGGUF.isDisjoint(with: metadata))
  }
}
