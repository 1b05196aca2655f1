/// The shape of a decoder, with the names that Hugging Face's `config.json` uses (camel-cased).
///
/// One struct serves the Llama 2/3 family and the Llama 4 text decoder; docs/llama4.md §1.2 lists
/// every key. Layer indices are 0-based.
public struct DecoderConfig: Sendable, Equatable {
  /// Which checkpoint layout and which rotary pairing the decoder follows.
  public enum ModelType: String, Sendable {
    /// Llama 2 and 3: dense feed-forwards, rotary pairs (j, j + d/2).
    case llama
    /// The Llama 4 text decoder: mixtures of experts, rotary pairs (2j, 2j + 1).
    case llama4Text = "llama4_text"
  }

  /// The checkpoint layout.
  public var modelType: ModelType
  /// V, the number of token ids.
  public var vocabSize: Int
  /// D, the width of the residual stream.
  public var hiddenSize: Int
  /// F: the dense width of a Llama, or the width of each expert and of the shared one.
  public var intermediateSize: Int
  /// The width of Llama 4's dense layers; unused by the Llama family.
  public var intermediateSizeMlp: Int
  /// L, the number of layers.
  public var numHiddenLayers: Int
  /// H, the number of query heads.
  public var numAttentionHeads: Int
  /// K, the number of key-value heads, a divisor of H.
  public var numKeyValueHeads: Int
  /// d, the width of a head.
  public var headDim: Int
  /// The context length that the model was made for, in tokens.
  public var maxPositionEmbeddings: Int
  /// The epsilon of every RMS norm, and of the QK norm.
  public var rmsNormEps: Float
  /// Whether the output projection is the embedding table.
  public var tieWordEmbeddings: Bool
  /// The standard deviation of freshly drawn weights.
  public var initializerRange: Float
  /// The base of the rotary frequencies.
  public var ropeTheta: Double
  /// The frequency scaling, if any.
  public var ropeScaling: RopeScaling?
  /// Per layer: whether queries and keys are rotated. (`no_rope_layers`, where 1 means *rotated*.)
  public var ropeLayers: [Bool]
  /// Per layer: whether attention stays inside chunks. (`layer_types`.)
  public var chunkedLayers: [Bool]
  /// C, the chunk of the chunked layers in tokens; nil means no chunking.
  public var attentionChunkSize: Int?
  /// Whether rotated queries and keys are RMS-normalised per head, without a weight.
  public var useQkNorm: Bool
  /// Whether the queries of unrotated layers grow with their position.
  public var attnTemperatureTuning: Bool
  /// The positions per step of the temperature tuning.
  public var floorScale: Int
  /// The strength of the temperature tuning.
  public var attnScale: Float
  /// The layers whose feed-forward is a mixture of experts, ascending.
  public var moeLayers: [Int]
  /// E, the number of routed experts of such a layer.
  public var numLocalExperts: Int
  /// k, the number of experts that a token visits.
  public var numExpertsPerTok: Int
  /// The id that begins a text, if the model has one.
  public var bosTokenId: Int?
  /// The ids that end a text.
  public var eosTokenIds: [Int]
  /// The padding id, if the model has one.
  public var padTokenId: Int?

  /// A Llama-family decoder with the field's usual defaults; set what differs.
  public init(
    modelType: ModelType, vocabSize: Int, hiddenSize: Int, intermediateSize: Int,
    numHiddenLayers: Int, numAttentionHeads: Int, numKeyValueHeads: Int? = nil, headDim: Int? = nil
  ) {
    self.modelType = modelType
    self.vocabSize = vocabSize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.intermediateSizeMlp = 2 * intermediateSize
    self.numHiddenLayers = numHiddenLayers
    self.numAttentionHeads = numAttentionHeads
    self.numKeyValueHeads = numKeyValueHeads ?? numAttentionHeads
    self.headDim = headDim ?? hiddenSize / max(numAttentionHeads, 1)
    maxPositionEmbeddings = 2048
    rmsNormEps = 1e-5
    tieWordEmbeddings = false
    initializerRange = 0.02
    ropeTheta = 10_000
    ropeScaling = nil
    ropeLayers = Array(repeating: true, count: numHiddenLayers)
    chunkedLayers = Array(repeating: false, count: numHiddenLayers)
    attentionChunkSize = nil
    useQkNorm = false
    attnTemperatureTuning = false
    floorScale = 8192
    attnScale = 0.1
    moeLayers = []
    numLocalExperts = 0
    numExpertsPerTok = 1
    bosTokenId = nil
    eosTokenIds = []
    padTokenId = nil
  }
}

extension DecoderConfig {
  /// Whether a layer's feed-forward is a mixture of experts.
  public func isMixture(layer: Int) -> Bool { moeLayers.contains(layer) }

  /// The width of a dense layer's feed-forward.
  public var denseWidth: Int {
    modelType == .llama ? intermediateSize : intermediateSizeMlp
  }

  /// Throws where sizes that are each sensible make a model that no number of ours counts.
  ///
  /// The bound leaves room for bytes, and for the operations on a long text, in 64 bits.
  func checkParameterCount(_ reader: ConfigReader) throws(DecoderConfigError) {
    let (D, L) = (Double(hiddenSize), Double(numHiddenLayers))
    let attention = 2 * D * Double(headDim) * Double(numAttentionHeads + numKeyValueHeads)
    let width = Double(max(intermediateSize, denseWidth))
    let feedForward = (3 * width + 1) * D * Double(numLocalExperts + 1)
    let sum = 2 * D * Double(vocabSize) + L * (attention + feedForward)
    guard sum > 0x1p53 else { return }
    throw reader.invalid("hidden_size", "with the other sizes makes over 2^53 parameters")
  }
}

extension DecoderConfig {
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
