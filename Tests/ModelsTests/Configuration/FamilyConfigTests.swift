import Base
import Foundation
import Testing

@testable import Models

/// What the families besides Llama read from a config, and write into one.
@Suite struct FamilyConfigTests {
  private static let sizes = #"""
    "vocab_size": 100, "hidden_size": 64, "intermediate_size": 48, "num_hidden_layers": 4,
    "num_attention_heads": 8
    """#

  private func config(_ type: String, _ keys: String = "") throws -> DecoderConfig {
    let json = #"{"model_type": "\#(type)", \#(Self.sizes)\#(keys)}"#
    let values = try JSONParser.parse(Array(json.utf8)).object
    return try DecoderConfig(hugging: try #require(values), source: "c")
  }

  @Test func defaultsAreThoseOfTransformers() throws {
    let keys = #", "num_key_value_heads": null"#
    let qwen2 = try config("qwen2", keys)
    #expect(qwen2.headDim == 8 && qwen2.maxPositionEmbeddings == 32_768 && !qwen2.useQkNorm)
    let qwen3 = try config("qwen3", keys)
    #expect(qwen3.headDim == 128 && qwen3.useQkNorm && qwen3.slidingWindow == nil)
    let moe = try config("qwen3_moe")
    #expect(moe.numKeyValueHeads == 4 && moe.numLocalExperts == 128 && moe.numExpertsPerTok == 8)
    #expect(moe.expertWidth == 768 && moe.denseWidth == 48 && !moe.normTopkProb)
    #expect(moe.moeLayers == [0, 1, 2, 3])
    let mistral = try config("mistral")
    #expect(mistral.numKeyValueHeads == 8 && mistral.maxPositionEmbeddings == 131_072)
    #expect(mistral.slidingWindow == 4096 && mistral.span(ofLayer: 3) == .window(4096))
    let mixtral = try config("mixtral")
    #expect(mixtral.numLocalExperts == 8 && mixtral.numExpertsPerTok == 2)
    #expect(mixtral.normTopkProb && mixtral.expertWidth == 48 && mixtral.ropeTheta == 1_000_000)
    let smol = try config("smollm3")
    #expect(smol.ropeLayers == [true, true, true, false] && smol.tieWordEmbeddings)
    #expect(smol.ropeTheta == 2_000_000 && smol.numKeyValueHeads == 4)
  }

  @Test func windowsOfLayers() throws {
    #expect(try config("mistral", #", "sliding_window": null"#).span(ofLayer: 0) == .full)
    let none = try config("qwen2", #", "num_key_value_heads": 4, "sliding_window": 9"#)
    #expect(none.slidingWindow == nil && none.span(ofLayer: 3) == .full)
    let keys = #", "num_key_value_heads": 4, "use_sliding_window": true, "sliding_window": 9"#
    let late = try config("qwen2", keys + #", "max_window_layers": 2"#)
    #expect((0..<4).map(late.span) == [.full, .full, .window(9), .window(9)])
    #expect(try config("qwen2", keys).slidingWindow == nil, "28 layers are full")
    let types = ["sliding_attention", "full_attention", "full_attention", "sliding_attention"]
    let named = try config("qwen3", keys + ", \"layer_types\": \(types)")
    #expect((0..<4).map(named.span) == [.window(9), .full, .full, .window(9)])
  }

  @Test func layersOfExperts() throws {
    let some = try config(
      "qwen3_moe", #", "decoder_sparse_step": 2, "mlp_only_layers": [3], "num_experts": 8"#)
    #expect(some.moeLayers == [1] && some.numLocalExperts == 8)
    for (keys, says) in [
      (#", "num_experts": 8, "num_local_experts": 9"#, "c: num_experts is 8, but num_local_expert"),
      (#", "num_experts": 2"#, "c: num_experts_per_tok is 8, but there are 2 experts"),
    ] {
      let error = #expect(throws: DecoderConfigError.self) { try config("qwen3_moe", keys) }
      #expect(error?.description.hasPrefix(says) == true, "\(String(describing: error))")
    }
  }

  @Test(arguments: Golden.families + ["smollm3", "qwen2 with windows"])
  func whatIsWrittenIsRead(name: String) throws {
    let original =
      switch name {
      case "smollm3": try config("smollm3", #", "no_rope_layers": [0, 1, 1, 0]"#)
      case "qwen2 with windows":
        try config(
          "qwen2",
          #", "num_key_value_heads": 2, "use_sliding_window": true, "sliding_window": 7,"#
            + #""max_window_layers": 1"#)
      default: try Golden(name).model.config
      }
    let json = original.huggingFaceJSON()
    let read = try JSONParser.parse(Array(json))
    #expect(try DecoderConfig(hugging: read.object ?? [:], source: "c") == original)
  }

  @Test func yarnIsRead() throws {
    let scaling = try Golden("qwen3_yarn").model.config.ropeScaling
    let expected = DecoderConfig.RopeScaling.YaRN(
      factor: 4, betaFast: 32, betaSlow: 1, originalMaxPositionEmbeddings: 128)
    #expect(scaling == .yarn(expected))
    let error = #expect(throws: DecoderConfigError.self) {
      try config(
        "qwen3",
        #", "num_key_value_heads": 8, "rope_scaling": {"rope_type": "yarn", "factor": 4}"#)
    }
    #expect(
      error == .missingKey(file: "c", key: "rope_scaling.original_max_position_embeddings"))
  }
}
