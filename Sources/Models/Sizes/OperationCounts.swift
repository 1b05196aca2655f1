/// The floating-point operations that a text token costs; a multiplication and its addition are two.
///
/// Counted are the matrix products and attention's two. Norms, activations, rotations and the
/// softmax are left out, as is usual: they are some percent of a small model and less of a large
/// one.
public struct OperationCounts: Sendable, Equatable {
  /// The operations with weights, a token and forward pass.
  public var weights: Double
  /// The operations of queries with keys and of the weights with values, a token and forward pass.
  public var attention: Double

  /// The operations of a token in the mean over a text that fills a context.
  public init(_ config: DecoderConfig, context: Int) {
    let active = ParameterCounts(active: config)
    // The table is looked up, not multiplied; tied, it is multiplied as the projection.
    let table = config.tieWordEmbeddings ? 0 : config.vocabSize * config.hiddenSize
    weights = 2 * Double(active.total - active.norms - table)
    let width = Double(config.numAttentionHeads * config.headDim)
    attention = (0..<config.numHiddenLayers).reduce(0) { sum, layer in
      let chunk = config.chunkedLayers[layer] ? config.attentionChunkSize : nil
      return sum + 4 * width * Self.meanKeys(context: context, chunk: chunk)
    }
  }

  /// A forward pass, a token.
  public var forward: Double { weights + attention }
  /// A training step, a token: backward has two products for each forward one, and attention's
  /// five for its two, because it makes the scores again.
  public var training: Double { 3 * weights + 3.5 * attention }

  /// How many keys a query sees in the mean over a context, itself included.
  static func meanKeys(context: Int, chunk: Int?) -> Double {
    let (context, chunk) = (Double(context), min(Double(chunk ?? context), Double(context)))
    let whole = (context / chunk).rounded(.down)
    let rest = context - whole * chunk
    return (whole * chunk * (chunk + 1) + rest * (rest + 1)) / 2 / max(context, 1)
  }
}
