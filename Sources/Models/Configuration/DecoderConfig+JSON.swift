package import Base
package import Foundation

extension DecoderConfig {
  /// The config as the `config.json` of a checkpoint that transformers 4 and 5 load.
  ///
  /// - Parameter weightType: The type that the weights are stored in.
  /// - Returns: The file's bytes.
  package func huggingFaceJSON(weightType: WeightType = .float32) -> Data {
    JSONValue.object(huggingFaceValues(weightType: weightType)).json
  }

  /// The config as values by Hugging Face's keys.
  package func huggingFaceValues(weightType: WeightType = .float32) -> [String: JSONValue] {
    var values = sharedValues
    values["dtype"] = .string(weightType.rawValue)
    values.merge(ropeValues) { $1 }
    values.merge(modelType.write(self)) { $1 }
    return values
  }

  private var sharedValues: [String: JSONValue] {
    [
      "model_type": .string(modelType.name),
      "architectures": .array([.string(modelType.className)]),
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
}

extension JSONValue {
  /// A number or null.
  init(_ number: Int?) { self = number.map(JSONValue.int) ?? .null }

  /// The shortest decimal that reads back as the same float: 1e-05, not 9.999999747378752e-06.
  init(_ number: Float) { self = .double(Double(number.description) ?? Double(number)) }
}
