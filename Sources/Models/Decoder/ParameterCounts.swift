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

/// The number of a decoder's parameters.
extension DecoderConfig {
  /// The number of parameters, each tensor counted once.
  public var parameterCount: Int { ParameterCounts(self).total }

  /// The parameters that one token's forward pass uses, both embeddings included.
  public var activeParameterCount: Int { ParameterCounts(active: self).total }

  /// The number of parameters of any size that a config may ask for.
  var estimatedParameterCount: Double {
    declaredParameters.reduce(0) { $0 + Double($1.times) * Double($1.parameter.range.count) }
  }

  /// The parameters that a decoder declares, and the count of each; layers of one kind come once.
  fileprivate var declaredParameters: [(parameter: ParameterStore.Parameter, times: Int)] {
    var few = self
    few.numHiddenLayers = 0
    let outside = ParameterStore.parameters { _ = DecoderParts(few, $0) }.map { ($0, 1) }
    return outside
      + layerKinds.flatMap { layer, times in
        parameters(ofLayer: layer).map { ($0, times) }
      }
  }

  /// A layer of each kind, dense and mixture, and the number of its kind.
  var layerKinds: [(layer: Int, count: Int)] {
    Dictionary(grouping: 0..<numHiddenLayers, by: isMixture).values
      .map { (layer: $0[0], count: $0.count) }.sorted { $0.layer < $1.layer }
  }

  /// The parameters that a layer declares.
  func parameters(ofLayer layer: Int) -> [ParameterStore.Parameter] {
    ParameterStore.parameters {
      _ = DecoderLayer(self, layer: layer, $0.layer(layer))
    }
  }
}
