@testable import Base
import Foundation
import Testing

@testable import Models

/// The values of a JSON text.
private func values(_ json: String) throws -> [String: JSONValue] {
  try #require(try JSONParser.parse(Array(json.utf8)).object)
}

private func config(_ json: String) throws -> DecoderConfig {
  try DecoderConfig(hugging: try values(json), source: "c")
}

private let sizes = #"""
  "vocab_size": 100, "hidden_size": 64, "intermediate_size": 48, "num_hidden_layers": 8,
  "num_attention_heads": 8
  """#

@Suite struct DecoderConfigTests {
  @Test func llamaHasTheDefaultsOfTransformers() throws {
    let config = try config(#"{"model_type": "llama", \#(sizes)}"#)
    #expect(config.modelType == .llama)
    #expect(config.numKeyValueHeads == 8 && config.headDim == 8)
    #expect(config.maxPositionEmbeddings == 2048)
    #expect(config.rmsNormEps == 1e-6)
    #expect(config.ropeTheta == 10_000 && config.ropeScaling == nil)
    #expect(!config.tieWordEmbeddings)
    #expect(config.bosTokenId == nil && config.eosTokenIds == [] && config.padTokenId == nil)
    #expect(config.moeLayers.isEmpty && config.numLocalExperts == 0 && !config.useQkNorm)
    #expect(config.ropeLayers == Array(repeating: true, count: 8))
    #expect(config.chunkedLayers == Array(repeating: false, count: 8))
  }

  @Test func llama4HasTheDefaultsOfTransformers() throws {
    let config = try config(#"{"model_type": "llama4_text", \#(sizes)}"#)
    #expect(config.modelType == .llama4Text)
    // The published defaults of the Llama 4 family, whatever the other sizes.
    #expect(config.numKeyValueHeads == 8 && config.headDim == 128)
    #expect(config.intermediateSizeMlp == 16_384)
    #expect(config.maxPositionEmbeddings == 131_072 && config.rmsNormEps == 1e-5)
    #expect(config.ropeTheta == 500_000)
    #expect(config.moeLayers == Array(0..<8))
    #expect(config.numLocalExperts == 16 && config.numExpertsPerTok == 1)
    #expect(config.useQkNorm && config.attnTemperatureTuning)
    #expect(config.floorScale == 8192 && config.attnScale == 0.1)
    #expect(config.attentionChunkSize == 8192)
    #expect(config.ropeLayers == [true, true, true, false, true, true, true, false])
    #expect(config.chunkedLayers == config.ropeLayers)
  }

  @Test func bothGenerationsOfKeysAreRead() throws {
    let scaling = #"""
      "factor": 8, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 64.0
      """#
    let expected = DecoderConfig.RopeScaling.llama3(
      .init(factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 64))
    let layouts = [
      #""rope_theta": 7e4, "rope_scaling": {"rope_type": "llama3", \#(scaling)}"#,
      #""rope_theta": 70000, "rope_scaling": {"type": "llama3", \#(scaling)}"#,
      #""rope_parameters": {"rope_theta": 7e4, "rope_type": "llama3", \#(scaling)}"#,
      #""rope_theta": 7e4, "rope_parameters": {"rope_type": "llama3", \#(scaling)}"#,
      #""rope_theta": 7e4, "rope_scaling": {"rope_type": "llama3", \#(scaling)}, "#
        + #""rope_parameters": {"rope_type": "default", "rope_theta": 5}"#,
      #""rope_parameters": {"rope_theta": 7e4, "rope_type": "llama3", \#(scaling)}, "#
        + #""rope_scaling": null, "rope_theta": 3"#,
    ]
    for layout in layouts {
      let config = try config(#"{"architectures": ["LlamaForCausalLM"], \#(sizes), \#(layout)}"#)
      #expect(config.ropeTheta == 70_000, "\(layout)")
      #expect(config.ropeScaling == expected, "\(layout)")
    }
    let plain = try config(
      #"{"model_type": "llama", \#(sizes), "rope_parameters": {"rope_type": "default"}}"#)
    #expect(plain.ropeTheta == 10_000 && plain.ropeScaling == nil)
  }

  @Test func aMultimodalFileGivesItsTextPart() throws {
    let config = try DecoderConfig(contentsOf: fixture("scout_like.config.json"))
    #expect(config.modelType == .llama4Text && config.hiddenSize == 32)
    #expect(config.attentionChunkSize == 6 && config.floorScale == 4)
    #expect(config.moeLayers == [0, 1, 2, 3] && config.numLocalExperts == 4)
    #expect(
      config.ropeScaling
        == .llama3(
          .init(
            factor: 16, lowFreqFactor: 1, highFreqFactor: 1, originalMaxPositionEmbeddings: 64)))
    #expect(config.ropeLayers == [true, true, true, false])
  }

  @Test func llama4SwitchesAreRead() throws {
    func read(_ keys: String) throws -> DecoderConfig {
      try config(#"{"model_type": "llama4_text", \#(sizes), \#(keys)}"#)
    }
    #expect(try read(#""moe_layers": [], "interleave_moe_layer_step": 1"#).moeLayers.isEmpty)
    #expect(try read(#""moe_layers": [5, 2]"#).moeLayers == [2, 5])
    #expect(try read(#""moe_layers": null, "interleave_moe_layer_step": 3"#).moeLayers == [2, 5])
    #expect(try read(#""interleave_moe_layer_step": 9"#).moeLayers.isEmpty)
    #expect(try read(#""attn_temperature_tuning": 4"#).attnTemperatureTuning)
    #expect(try !read(#""attn_temperature_tuning": 0"#).attnTemperatureTuning)
    #expect(try !read(#""attn_temperature_tuning": false"#).attnTemperatureTuning)
    #expect(try read(#""no_rope_layers": []"#).ropeLayers[3] == false)
    #expect(try read(#""no_rope_layer_interval": 2"#).ropeLayers[1] == false)
    let explicit = try read(#""no_rope_layers": [0,1,1,1,1,1,1,1,0,0]"#)
    #expect(explicit.ropeLayers == [false] + Array(repeating: true, count: 7))
    let types = try read(
      #""layer_types": ["full_attention", "chunked_attention", "full_attention", "#
        + #""full_attention", "full_attention", "full_attention", "full_attention", "#
        + #""full_attention"]"#)
    #expect(types.chunkedLayers.firstIndex(of: true) == 1 && types.ropeLayers[0])
    let unchunked = try read(#""attention_chunk_size": null"#)
    #expect(unchunked.attentionChunkSize == nil && !unchunked.chunkedLayers.contains(true))
    #expect(try read(#""head_dim": null"#).headDim == 8)
    #expect(try read(#""num_key_value_heads": null, "head_dim": 8"#).numKeyValueHeads == 8)
    #expect(try read(#""eos_token_id": [5, 7], "bos_token_id": null"#).eosTokenIds == [5, 7])
    #expect(try read(#""bos_token_id": null"#).bosTokenId == nil)
    #expect(try read(#""pad_token_id": -1"#).padTokenId == nil)
  }

  @Test func whatIsWrittenIsRead() throws {
    let originals = [
      try config(#"{"model_type": "llama", \#(sizes), "eos_token_id": [3, 4]}"#),
      try config(#"{"model_type": "llama4_text", \#(sizes), "moe_layers": [1]}"#),
      try config(#"{"model_type": "llama4_text", \#(sizes), "attention_chunk_size": null}"#),
      try DecoderConfig(contentsOf: fixture("scout_like.config.json")),
      try DecoderConfig(contentsOf: fixture("llama3_scaled.config.json")),
      try config(
        #"{"model_type": "llama", \#(sizes), "rope_scaling": {"type": "linear", "factor": 2.5}}"#),
    ]
    for original in originals {
      let written = original.huggingFaceValues(weightType: .bfloat16)
      #expect(written["dtype"] == .string("bfloat16"))
      #expect(try DecoderConfig(hugging: written, source: "c") == original)
      let json = original.huggingFaceJSON()
      let read = try JSONParser.parse(Array(json))
      #expect(try DecoderConfig(hugging: read.object ?? [:], source: "c") == original)
    }
  }

  @Test func everyKeyThatIsReadIsKnown() throws {
    let written = try [
      config(#"{"model_type": "llama", \#(sizes)}"#),
      config(#"{"model_type": "llama4_text", \#(sizes)}"#),
    ].map { Set($0.huggingFaceValues().keys) }
    let inert: Set = [
      "attention_dropout", "use_cache", "pretraining_tp", "output_router_logits",
      "router_aux_loss_coef", "router_jitter_noise",
    ]
    #expect(written[0].union(written[1]).subtracting(inert).isSubset(of: DecoderConfig.knownKeys))
    #expect(Set(DecoderConfig.knownKeys).count == DecoderConfig.knownKeys.count)
  }
}

@Suite struct DecoderConfigErrorTests {
  static let refused: [(keys: String, names: String)] = [
    (#""model_type": "gemma2""#, "model_type is gemma2"),
    (#""model_type": "deepseek_v3""#, "model_type is deepseek_v3"),
    (#""architectures": ["Gemma3ForCausalLM"]"#, "architectures is Gemma3ForCausalLM"),
    (
      #""model_type": "llama", "architectures": ["SmolLM3ForCausalLM"]"#,
      "architectures is SmolLM3ForCausalLM"
    ),
    (#""model_type": "qwen2", "attention_bias": true"#, "attention_bias is true"),
    (
      #""model_type": "qwen3", "num_key_value_heads": 4, "#
        + #""layer_types": ["sliding_attention","","","","","","",""]"#,
      "layer_types is sliding_attention"
    ),
    (#""model_type": "mistral", "use_qk_norm": true"#, "use_qk_norm is true"),
    (#""model_type": "qwen3_moe", "use_sliding_window": true, "sliding_window": 9"#, "sliding_w"),
    (#""model_type": "mixtral", "sliding_window": 9"#, "sliding_window is 9"),
    (#""model_type": "smollm3", "attention_bias": true"#, "attention_bias is true"),
    (
      #""model_type": "llama4_text", "layer_types": ["sliding_attention","","","","","","",""]"#,
      "layer_types is sliding_attention"
    ),
  ]

  @Test(arguments: refused) func whatIsNotSupportedIsRefused(keys: String, names: String) throws {
    let error = #expect(throws: DecoderConfigError.self) { try config("{\(sizes), \(keys)}") }
    let text = try #require(error?.description)
    #expect(text.hasPrefix("c: " + names) && text.contains("supported: "), "\(text)")
    #expect(!text.contains("\n"))
  }

  static let wrong: [(keys: String, says: String)] = [
    (#""hidden_size": "32""#, "c: hidden_size must be a whole number, but is a string"),
    (#""hidden_size": 32.5"#, "c: hidden_size must be a whole number, but is a number"),
    (#""hidden_size": true"#, "c: hidden_size must be a whole number, but is a boolean"),
    (#""hidden_size": null"#, "c: lacks the key hidden_size"),
    (#""hidden_size": 0"#, "c: hidden_size is 0, but must be at least 1"),
    (#""hidden_size": -4"#, "c: hidden_size is -4"),
    (#""hidden_size": 4611686018427387904"#, "c: hidden_size is 4611686018427387904, beyond"),
    (#""num_hidden_layers": 4000000000"#, "c: num_hidden_layers is 4000000000, beyond"),
    (#""hidden_size": 33"#, "c: hidden_size is 33, no multiple of the 8 heads"),
    (#""num_key_value_heads": 3"#, "c: num_key_value_heads is 3, which does not divide"),
    (#""head_dim": 7"#, "c: head_dim is 7, but"),
    (#""hidden_size": 24"#, "c: head_dim is 3, but"),
    (#""rms_norm_eps": 0"#, "c: rms_norm_eps is 0.0, but must be a positive"),
    (#""rms_norm_eps": 1e-80"#, "c: rms_norm_eps is 1e-80, but must be a positive"),
    (#""rope_theta": -1"#, "c: rope_theta is -1.0"),
    (#""tie_word_embeddings": 1"#, "c: tie_word_embeddings must be true or false"),
    (#""model_type": 4"#, "c: model_type must be a string"),
    (#""architectures": "Llama""#, "c: architectures must be a list"),
    (#""architectures": [1]"#, "c: architectures must be a list of strings"),
    (#""rope_scaling": 2"#, "c: rope_scaling must be a mapping"),
    (#""rope_scaling": {"rope_type": "llama3"}"#, "c: lacks the key rope_scaling.low_freq_factor"),
    (#""bos_token_id": 100"#, "c: bos_token_id is 100, outside the vocabulary of 100"),
    (#""eos_token_id": [2, 1000]"#, "c: eos_token_id is 1000, outside"),
    (#""eos_token_id": ["a"]"#, "c: eos_token_id must be a whole number"),
  ]

  @Test(arguments: wrong) func whatIsWrongIsNamed(keys: String, says: String) throws {
    var members = try values(#"{"model_type": "llama", \#(sizes)}"#)
    members.merge(try values("{\(keys)}")) { $1 }
    let error = #expect(throws: DecoderConfigError.self) {
      try DecoderConfig(hugging: members, source: "c")
    }
    #expect(error?.description.hasPrefix(says) == true, "\(String(describing: error))")
  }

  static let wrongLlama4: [(keys: String, says: String)] = [
    (#""moe_layers": [8]"#, "c: moe_layers names layer 8 of 8"),
    (#""moe_layers": [-1]"#, "c: moe_layers names layer -1 of 8"),
    (#""moe_layers": [1, 1]"#, "c: moe_layers names a layer twice"),
    (#""interleave_moe_layer_step": 0"#, "c: interleave_moe_layer_step is 0"),
    (#""no_rope_layers": [1, 1]"#, "c: no_rope_layers has 2 entries for 8 layers"),
    (#""no_rope_layers": [1,1,1,1,1,1,1,2]"#, "c: no_rope_layers has an entry 2"),
    (#""layer_types": ["full_attention"]"#, "c: layer_types has 1 entries for 8 layers"),
    (#""num_experts_per_tok": 17"#, "c: num_experts_per_tok is 17, but there are 16"),
    (#""attention_chunk_size": 0"#, "c: attention_chunk_size is 0"),
    (#""floor_scale": 0"#, "c: floor_scale is 0"),
    (#""attn_temperature_tuning": "yes""#, "c: attn_temperature_tuning must be true or false"),
  ]

  @Test(arguments: wrongLlama4) func whatIsWrongInLlama4IsNamed(keys: String, says: String) throws {
    let error = #expect(throws: DecoderConfigError.self) {
      try config(#"{"model_type": "llama4_text", \#(sizes), \#(keys)}"#)
    }
    #expect(error?.description.hasPrefix(says) == true, "\(String(describing: error))")
  }

  @Test func whatIsMissingIsNamed() throws {
    #expect(throws: DecoderConfigError.missingKey(file: "c", key: "model_type")) {
      try config("{\(sizes)}")
    }
    #expect(throws: DecoderConfigError.missingKey(file: "c", key: "text_config")) {
      try config(#"{"model_type": "llama4"}"#)
    }
    #expect(
      throws: DecoderConfigError.missingKey(file: "c", key: "text_config.num_attention_heads")
    ) { try config(#"{"model_type": "llama4", "text_config": {"hidden_size": 3}}"#) }
  }

  @Test func aBrokenFileIsNamed() throws {
    let folder = try TemporaryFolder()
    for text in ["", "{", "[1]", "{\"a\": 01}", "\u{FEFF}{}"] {
      let path = try folder.write(Array(text.utf8), as: "config.json")
      let error = #expect(throws: DecoderConfigError.self) { try DecoderConfig(contentsOf: path) }
      #expect(error?.description.hasPrefix(path + ": not valid JSON at byte ") == true)
    }
    let path = try folder.write(Array(#"{"a": 1, "a": 2}"#.utf8), as: "config.json")
    #expect(throws: DecoderConfigError.duplicateKey(file: path, key: "a")) {
      try DecoderConfig(contentsOf: path)
    }
  }
}
