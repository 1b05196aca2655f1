public import Base
public import Foundation
import Text

extension DecoderConfig {
  /// The decoder that a `config.json` file describes.
  ///
  /// - Throws: `CheckpointError` when the file cannot be read, else `DecoderConfigError`.
  public init(contentsOf path: String) throws {
    try self.init(hugging: try Self.members(of: path), source: path)
  }

  /// The config as the `config.json` of a checkpoint that transformers 4 and 5 load.
  ///
  /// - Parameter weightType: The type that the weights are stored in.
  /// - Returns: The file's bytes.
  public func huggingFaceJSON(weightType: WeightType = .float32) -> Data {
    JSONValue.object(huggingFaceValues(weightType: weightType)).json
  }

  /// The config as values by Hugging Face's keys.
  public func huggingFaceValues(weightType: WeightType = .float32) -> [String: JSONValue] {
    var values = sharedValues
    values["dtype"] = .string(weightType.rawValue)
    values.merge(ropeValues) { $1 }
    values.merge(modelType == .llama ? llamaValues : llama4Values) { $1 }
    return values
  }

  private var sharedValues: [String: JSONValue] {
    [
      "model_type": .string(modelType.rawValue),
      "vocab_size": .int(vocabSize),
      "hidden_size": .int(hiddenSize),
      "intermediate_size": .int(intermediateSize),
      "num_hidden_layers": .int(numHiddenLayers),
      "num_attention_heads": .int(numAttentionHeads),
      "num_key_value_heads": .int(numKeyValueHeads),
      "head_dim": .int(headDim),
      "hidden_act": .string("silu"),
      "max_position_embeddings": .int(maxPositionEmbeddings),
      "rms_norm_eps": .init(rmsNormEps),
      "initializer_range": .init(initializerRange),
      "tie_word_embeddings": .bool(tieWordEmbeddings),
      "attention_bias": .bool(false),
      "attention_dropout": .double(0),
      "use_cache": .bool(true),
      "bos_token_id": .init(bosTokenId),
      "eos_token_id": endValue,
      "pad_token_id": .init(padTokenId),
    ]
  }

  /// The ids that end a text, as transformers writes them: null, a number or a list.
  var endValue: JSONValue {
    eosTokenIds.count > 1 ? .array(eosTokenIds.map(JSONValue.int)) : .init(eosTokenIds.first)
  }

  private var ropeValues: [String: JSONValue] {
    let scaling = ropeScaling?.values ?? [:]
    let parameters = scaling.merging(["rope_theta": .double(ropeTheta)]) { $1 }
      .merging(["rope_type": .string("default")]) { given, _ in given }
    return [
      "rope_theta": .double(ropeTheta),
      "rope_scaling": scaling.isEmpty ? .null : .object(scaling),
      "rope_parameters": .object(parameters),
    ]
  }

  private var llamaValues: [String: JSONValue] {
    [
      "architectures": .array([.string("LlamaForCausalLM")]),
      "mlp_bias": .bool(false),
      "pretraining_tp": .int(1),
    ]
  }

  private var llama4Values: [String: JSONValue] {
    let chunked = chunkedLayers.map { $0 && attentionChunkSize != nil }
    return [
      "architectures": .array([.string("Llama4ForCausalLM")]),
      "intermediate_size_mlp": .int(intermediateSizeMlp),
      "use_qk_norm": .bool(useQkNorm),
      "attn_temperature_tuning": .bool(attnTemperatureTuning),
      "floor_scale": .int(floorScale),
      "attn_scale": .init(attnScale),
      "num_local_experts": .int(max(numLocalExperts, 1)),
      "num_experts_per_tok": .int(numExpertsPerTok),
      "moe_layers": .array(moeLayers.map(JSONValue.int)),
      "no_rope_layers": .array(ropeLayers.map { .int($0 ? 1 : 0) }),
      "layer_types": .array(
        chunked.map { .string($0 ? "chunked_attention" : "full_attention") }),
      // transformers builds the chunk mask even if no layer uses it, and fails on null.
      "attention_chunk_size": .int(attentionChunkSize ?? maxPositionEmbeddings),
      "output_router_logits": .bool(false),
      "router_aux_loss_coef": .double(0.001),
      "router_jitter_noise": .double(0),
    ]
  }
}

extension JSONValue {
  /// A number or null.
  init(_ number: Int?) { self = number.map(JSONValue.int) ?? .null }

  /// The shortest decimal that reads back as the same float: 1e-05, not 9.999999747378752e-06.
  init(_ number: Float) { self = .double(Double(number.description) ?? Double(number)) }
}
