/// How many parameters a decoder has.
extension DecoderConfig {
  /// The number of parameters, each tensor counted once.
  public var parameterCount: Int { ParameterCounts(self).total }

  /// The parameters that one token's forward pass uses, both embeddings included.
  public var activeParameterCount: Int { ParameterCounts(active: self).total }

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
