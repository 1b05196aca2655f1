/// How many parameters a decoder has.
extension DecoderConfig {
  /// The number of parameters, each tensor counted once.
  public var parameterCount: Int {
    let embeddings = vocabSize * hiddenSize * (tieWordEmbeddings ? 1 : 2)
    let layers = (0..<numHiddenLayers).reduce(0) { $0 + parameterCount(ofLayer: $1) }
    return embeddings + layers + hiddenSize
  }

  /// The parameters that one token's forward pass uses, both embeddings included.
  public var activeParameterCount: Int {
    let embeddings = vocabSize * hiddenSize * (tieWordEmbeddings ? 1 : 2)
    return (0..<numHiddenLayers).reduce(embeddings + hiddenSize) {
      $0 + parameterCount(ofLayer: $1, experts: numExpertsPerTok)
    }
  }

  /// Whether a layer's feed-forward is a mixture of experts.
  public func isMixture(layer: Int) -> Bool { moeLayers.contains(layer) }

  /// The width of a dense layer's feed-forward.
  public var denseWidth: Int {
    modelType == .llama ? intermediateSize : intermediateSizeMlp
  }

  /// The parameters of a layer, with so many routed experts where it has any (nil: all).
  func parameterCount(ofLayer layer: Int, experts: Int? = nil) -> Int {
    let attention = 2 * hiddenSize * headDim * (numAttentionHeads + numKeyValueHeads)
    return attention + 2 * hiddenSize + feedForwardParameterCount(layer, experts: experts)
  }

  private func feedForwardParameterCount(_ layer: Int, experts: Int?) -> Int {
    guard isMixture(layer: layer) else { return 3 * hiddenSize * denseWidth }
    let expert = 3 * hiddenSize * intermediateSize
    return numLocalExperts * hiddenSize + (1 + (experts ?? numLocalExperts)) * expert
  }
}
