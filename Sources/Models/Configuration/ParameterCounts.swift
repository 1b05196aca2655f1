/// How many parameters each part of a model has; every tensor is counted once.
///
/// The numbers are either all parameters, or those that the forward pass of one text token uses:
/// k of the E experts of a mixture, everything else whole. As in the figures that Meta publishes for
/// Llama 4 (17 B of Scout and Maverick), "uses" takes in the embedding table, of which a token reads
/// one row, and leaves out the vision tower and its projector, which no text token passes through.
public struct ParameterCounts: Sendable, Equatable {
  /// The embedding table, and the output projection where it is a tensor of its own.
  public var embeddings = 0
  /// The query, key, value and output projections of all layers.
  public var attention = 0
  /// The feed-forwards of the layers that are no mixtures.
  public var denseFeedForward = 0
  /// The routed experts of the mixtures.
  public var routedExperts = 0
  /// The shared experts, which every token passes through.
  public var sharedExperts = 0
  /// The projections that score the experts.
  public var routers = 0
  /// The gains of the RMS norms.
  public var norms = 0
  /// The vision tower with its adapter.
  public var vision = 0
  /// The projection of the vision tower's outputs into the decoder.
  public var projector = 0

  /// No parameters.
  public init() {}

  /// All parts together.
  public var total: Int {
    embeddings + attention + denseFeedForward + routedExperts + sharedExperts + routers + norms
      + vision + projector
  }
}

extension ParameterCounts {
  /// All parameters of a decoder, and of the vision tower in front of it.
  public init(_ config: DecoderConfig, vision: VisionConfig? = nil) {
    self.init(config, experts: config.numLocalExperts)
    self.vision = vision?.towerParameterCount ?? 0
    projector = vision?.projectorParameterCount(width: config.hiddenSize) ?? 0
  }

  /// The parameters that one text token uses.
  public init(active config: DecoderConfig) {
    self.init(config, experts: config.numExpertsPerTok)
  }

  /// The decoder's parameters with so many routed experts in each mixture.
  private init(_ config: DecoderConfig, experts: Int) {
    let (D, L) = (config.hiddenSize, config.numHiddenLayers)
    let mixtures = config.moeLayers.count
    let expert = 3 * D * config.intermediateSize
    embeddings = config.vocabSize * D * (config.tieWordEmbeddings ? 1 : 2)
    attention = L * 2 * D * config.headDim * (config.numAttentionHeads + config.numKeyValueHeads)
    denseFeedForward = (L - mixtures) * 3 * D * config.denseWidth
    routedExperts = mixtures * experts * expert
    sharedExperts = mixtures * expert
    routers = mixtures * config.numLocalExperts * D
    norms = (2 * L + 1) * D
  }
}

/// How many parameters a decoder has.
extension DecoderConfig {
  /// The number of parameters, each tensor counted once.
  public var parameterCount: Int { ParameterCounts(self).total }

  /// The parameters that one token's forward pass uses, both embeddings included.
  public var activeParameterCount: Int { ParameterCounts(active: self).total }
}
