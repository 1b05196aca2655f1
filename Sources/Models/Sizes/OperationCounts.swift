/// The floating-point operations that a text token costs; a multiplication with its sum is two.
///
/// Counted are the matrix products and attention's two. Norms, activations, rotations and the
/// softmax are left out, as is usual: they are some percent of a small model and less of a large
/// one.
package struct OperationCounts: Sendable, Equatable {
  /// The operations with weights, a token and forward pass.
  package var weights: Double
  /// The operations of queries with keys and of the weights with values, a token and forward pass.
  package var attention: Double

  /// The operations of a token in the mean over a text that fills a context.
  package init(_ config: DecoderConfig, context: Int) {
    let active = ParameterCounts(active: config)
    // The table is looked up, not multiplied; tied, it is multiplied as the projection.
    let table = config.tieWordEmbeddings ? 0 : config.vocabSize * config.hiddenSize
    weights = 2 * Double(active.total - active.norms - table)
    let width = Double(config.numAttentionHeads * config.headDim)
    attention = (0..<config.numHiddenLayers).reduce(0) { sum, layer in
      sum + 4 * width * config.span(ofLayer: layer).meanKeys(context: context)
    }
  }

  /// A forward pass, a token.
  package var forward: Double { weights + attention }
  /// A training step, a token: backward has two products for each forward one, and attention's
  /// five for its two, because it makes the scores again.
  package var training: Double { 3 * weights + 3.5 * attention }
}
