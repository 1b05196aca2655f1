import Tensors

/// The number of parameters in each part of a model; every tensor is counted once.
///
/// The numbers are either all parameters, or those that the forward pass of one text token uses:
/// k of the E experts of a mixture, everything else whole. As in the figures that Meta publishes
/// for Llama 4 (17 B of Scout and Maverick), "uses" takes in the embedding table, of which a token
/// reads one row, and leaves out the vision tower and its projector, which no text token meets.
package struct ParameterCounts: Sendable, Equatable {
  /// The embedding table, and the output projection where it is a tensor of its own.
  package var embeddings = 0
  /// The query, key, value and output projections of all layers.
  package var attention = 0
  /// The feed-forwards of the layers that are no mixtures.
  package var denseFeedForward = 0
  /// The routed experts of the mixtures.
  package var routedExperts = 0
  /// The shared experts, which every token passes through.
  package var sharedExperts = 0
  /// The projections that score the experts.
  package var routers = 0
  /// The gains of the RMS norms.
  package var norms = 0
  /// The vision tower with its adapter.
  package var vision = 0
  /// The projection of the vision tower's outputs into the decoder.
  package var projector = 0

  /// No parameters.
  package init() {}

  /// All parts together.
  package var total: Int {
    embeddings + attention + denseFeedForward + routedExperts + sharedExperts + routers + norms
      + vision + projector
  }
}

extension ParameterCounts {
  /// All parameters of a decoder, and of the vision tower in front of it.
  package init(_ config: DecoderConfig, vision: VisionConfig? = nil) {
    for (parameter, times) in config.declaredParameters {
      self[keyPath: Self.part(of: parameter.name, config)] += times * parameter.range.count
    }
    self.vision = vision?.towerParameterCount ?? 0
    projector = vision?.projectorParameterCount(width: config.hiddenSize) ?? 0
  }

  /// The parameters that one text token uses.
  package init(active config: DecoderConfig) {
    self.init(config)
    routedExperts = routedExperts / max(config.numLocalExperts, 1) * config.numExpertsPerTok
  }

  /// The part that a parameter belongs to, by the scopes in its name.
  private static func part(
    of name: String, _ config: DecoderConfig
  ) -> WritableKeyPath<ParameterCounts, Int> {
    let (family, mixture) = (config.modelType, config.modelType.mixture)
    func has(_ scope: String?) -> Bool { scope.map { name.contains(".\($0).") } ?? false }
    if name.contains("norm") { return \.norms }
    if has("self_attn") { return \.attention }
    guard has(family.feedForward) else { return \.embeddings }
    if has("experts") { return \.routedExperts }
    if has(mixture?.shared) { return \.sharedExperts }
    return has(mixture?.router) ? \.routers : \.denseFeedForward
  }
}

extension DecoderConfig {
  /// The number of parameters, each tensor counted once.
  public var parameterCount: Int { ParameterCounts(self).total }

  /// The parameters that one token's forward pass uses, both embeddings included.
  public var activeParameterCount: Int { ParameterCounts(active: self).total }
}

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
