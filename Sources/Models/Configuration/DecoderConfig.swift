/// The shape of a decoder, with the names that Hugging Face's `config.json` uses (camel-cased).
///
/// One struct serves all families, whose own facts are an ``Architecture``'s; docs/llama4.md §1.2
/// lists the keys of Llama. Layer indices are 0-based.
public struct DecoderConfig: Sendable, Equatable {
  /// The family.
  public var modelType: Architecture
  /// V, the number of token ids.
  public var vocabSize: Int
  /// D, the width of the residual stream.
  public var hiddenSize: Int
  /// F: the dense width, or where a family has another key for it, that of each expert.
  public var intermediateSize: Int
  /// The width of Llama 4's dense layers; unused by the others.
  public var intermediateSizeMlp: Int
  /// The width of Qwen's experts; unused by the others.
  public var moeIntermediateSize: Int
  /// L, the number of layers.
  public var numHiddenLayers: Int
  /// H, the number of query heads.
  public var numAttentionHeads: Int
  /// K, the number of key-value heads, a divisor of H.
  public var numKeyValueHeads: Int
  /// d, the width of a head.
  public var headDim: Int
  /// The context length that the model was made for, in tokens.
  public var maxPositionEmbeddings = 2048
  /// The epsilon of every RMS norm, and of the QK norm.
  public var rmsNormEps: Float = 1e-5
  /// Whether the output projection is the embedding table.
  public var tieWordEmbeddings = false
  /// The standard deviation of freshly drawn weights.
  public var initializerRange: Float = 0.02
  /// The base of the rotary frequencies.
  public var ropeTheta = 10_000.0
  /// The frequency scaling, if any.
  package var ropeScaling: RopeScaling?
  /// Per layer: whether queries and keys are rotated. (`no_rope_layers`, where 1 means *rotated*.)
  public var ropeLayers: [Bool]
  /// Per layer: whether attention stays inside chunks. (`layer_types`.)
  public var chunkedLayers: [Bool]
  /// C, the chunk of the chunked layers in tokens; nil means no chunking.
  public var attentionChunkSize: Int?
  /// Per layer: whether attention reaches only over a window. (`layer_types`, `sliding_window`.)
  public var slidingLayers: [Bool]
  /// W, the window of those layers in tokens, a query's own included; nil means none.
  public var slidingWindow: Int?
  /// Whether queries and keys are RMS-normalised per head, as the family has it.
  public var useQkNorm: Bool
  /// Whether the queries of unrotated layers grow with their position.
  public var attnTemperatureTuning = false
  /// The positions per step of the temperature tuning.
  public var floorScale = 8192
  /// The strength of the temperature tuning.
  public var attnScale: Float = 0.1
  /// The layers whose feed-forward is a mixture of experts, ascending.
  public var moeLayers: [Int] = []
  /// E, the number of routed experts of such a layer.
  public var numLocalExperts = 0
  /// k, the number of experts that a token visits.
  public var numExpertsPerTok = 1
  /// Whether the weights of a token's experts add up to one, where a softmax gives them.
  public var normTopkProb = true
  /// The id that begins a text, if the model has one.
  public var bosTokenId: Int?
  /// The ids that end a text.
  public var eosTokenIds: [Int] = []
  /// The padding id, if the model has one.
  public var padTokenId: Int?

  /// A decoder with the field's usual defaults; set what differs.
  ///
  /// ```swift
  /// var config = DecoderConfig(
  ///   modelType: .llama4Text, vocabSize: 32_000, hiddenSize: 512, intermediateSize: 1408,
  ///   numHiddenLayers: 8, numAttentionHeads: 8, numKeyValueHeads: 2)
  /// config.tieWordEmbeddings = true
  /// print(config.parameterCount)
  /// ```
  public init(
    modelType: Architecture, vocabSize: Int, hiddenSize: Int, intermediateSize: Int,
    numHiddenLayers: Int, numAttentionHeads: Int, numKeyValueHeads: Int? = nil, headDim: Int? = nil
  ) {
    self.modelType = modelType
    self.vocabSize = vocabSize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.intermediateSizeMlp = 2 * intermediateSize
    moeIntermediateSize = intermediateSize
    self.numHiddenLayers = numHiddenLayers
    self.numAttentionHeads = numAttentionHeads
    self.numKeyValueHeads = numKeyValueHeads ?? numAttentionHeads
    self.headDim = headDim ?? hiddenSize / max(numAttentionHeads, 1)
    ropeLayers = Array(repeating: true, count: numHiddenLayers)
    chunkedLayers = Array(repeating: false, count: numHiddenLayers)
    slidingLayers = Array(repeating: false, count: numHiddenLayers)
    useQkNorm = modelType.queryKeyNorm == .beforeRotation
  }
}

extension DecoderConfig {
  /// Whether a layer's feed-forward is a mixture of experts.
  package func isMixture(layer: Int) -> Bool { moeLayers.contains(layer) }

  /// The width of a dense layer's feed-forward.
  package var denseWidth: Int { self[keyPath: modelType.denseWidth.path] }

  /// The width of an expert.
  package var expertWidth: Int { self[keyPath: mixture.width.path] }

  /// The family's kind of mixture.
  ///
  /// - Precondition: The family has mixtures.
  var mixture: Architecture.Mixture {
    guard let mixture = modelType.mixture else {
      preconditionFailure("\(modelType.name) has no mixtures")
    }
    return mixture
  }

  /// The norm of queries and keys; nil where there is none.
  package var queryKeyNorm: Architecture.QueryKeyNorm? {
    useQkNorm ? modelType.queryKeyNorm : nil
  }

  /// The span of keys that a layer's queries see.
  package func span(ofLayer layer: Int) -> AttentionSpan {
    if let size = attentionChunkSize, chunkedLayers[layer] { return .chunk(size) }
    if let size = slidingWindow, slidingLayers[layer] { return .window(size) }
    return .full
  }

  /// The table of the tokens' embeddings.
  var embeddings: NamedShape {
    NamedShape(name: "model.embed_tokens.weight", shape: [vocabSize, hiddenSize])
  }

  /// The projection onto the vocabulary.
  var output: NamedShape {
    tieWordEmbeddings
      ? embeddings : NamedShape(name: "lm_head.weight", shape: [vocabSize, hiddenSize])
  }
}

/// The span of keys that a layer's queries see.
package enum AttentionSpan: Sendable, Hashable {
  /// From the beginning of the text.
  case full
  /// From the beginning of the chunk that the query is in, of so many tokens.
  case chunk(Int)
  /// The last so many tokens, the query's own included.
  case window(Int)

  /// The first position that a query at a position sees.
  func firstKey(of position: Int) -> Int {
    switch self {
    case .full: 0
    case .chunk(let size): position / size * size
    case .window(let size): max(0, position - size + 1)
    }
  }

  /// The most keys that a query sees; nil where there is no bound.
  package var mostKeys: Int? {
    switch self {
    case .full: nil
    case .chunk(let size), .window(let size): size
    }
  }

  /// The mean number of keys that a query sees in a text of this length, itself included.
  func meanKeys(context: Int) -> Double {
    let context = Double(context)
    let most = min(mostKeys.map(Double.init) ?? context, context)
    let first = most * (most + 1) / 2
    guard case .window = self else {
      let whole = (context / most).rounded(.down)
      let rest = context - whole * most
      return (whole * most * (most + 1) + rest * (rest + 1)) / 2 / max(context, 1)
    }
    return (first + (context - most) * most) / max(context, 1)
  }
}
