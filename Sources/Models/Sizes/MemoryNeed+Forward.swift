extension MemoryNeed {
  /// All weights, in float32.
  public static func weights(_ config: DecoderConfig) -> Int { 4 * config.parameterCount }

  /// The activations of a forward pass over so many tokens that nothing is trained by, about: those
  /// of the moment when a layer has the most.
  public static func forward(_ config: DecoderConfig, tokens: Int) -> Int {
    let widest = (0..<config.numHiddenLayers).map { passingWidth(config, layer: $0) }.max() ?? 0
    // Positions, windows and routes are a few numbers more. Buffers are of sizes in steps, and what
    // one operation leaves does not always suit the next: half as much again, as measured.
    return 6 * bounded(tokens, widest + 2 * config.headDim + 16)
  }

  /// The numbers that a layer has for a token at a time: in attention, or behind it.
  private static func passingWidth(_ config: DecoderConfig, layer: Int) -> Int {
    let width = config.hiddenSize
    let queries = config.numAttentionHeads * config.headDim
    let keys = config.numKeyValueHeads * config.headDim
    let attention = 4 * width + 4 * queries + 4 * keys + config.numAttentionHeads
    guard config.isMixture(layer: layer) else {
      return max(attention, 5 * width + 3 * config.denseWidth)
    }
    let routed = config.numExpertsPerTok * (3 * width + 3 * config.intermediateSize)
    return max(
      attention, 6 * width + 3 * config.intermediateSize + config.numLocalExperts + routed)
  }
}
