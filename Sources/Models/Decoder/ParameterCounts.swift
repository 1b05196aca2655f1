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

/// The shape of the vision tower of a multimodal Llama 4, for counting; nothing here runs it.
///
/// Names are those of `vision_config` (docs/llama4.md §1.3), camel-cased.
package struct VisionConfig: Sendable, Equatable {
  /// The width of the tower.
  package var hiddenSize: Int
  /// The width of its feed-forwards, and of the adapter's input.
  package var intermediateSize: Int
  /// The number of its layers.
  package var numHiddenLayers: Int
  /// The pixels along a side of an image tile.
  package var imageSize: Int
  /// The pixels along a side of a patch.
  package var patchSize: Int
  /// The colours of a pixel.
  package var numChannels: Int
  /// The width inside the adapter.
  package var projectorInputDim: Int
  /// The width that the adapter gives.
  package var projectorOutputDim: Int
  /// The width that the multimodal projector takes.
  package var visionOutputDim: Int

  /// The patches of a tile, without the class token.
  package var patchCount: Int { (imageSize / patchSize) * (imageSize / patchSize) }

  /// The parameters of the tower and of its adapter (docs/llama4.md §5).
  package var towerParameterCount: Int {
    let D = hiddenSize
    // Patches, the class token, a position for each of both, and the norms before and after.
    let ends = D * numChannels * patchSize * patchSize + D + (patchCount + 1) * D + 4 * D
    let attention = 4 * (D * D + D)
    let feedForward = 2 * D * intermediateSize + intermediateSize + D
    let adapter = projectorInputDim * (intermediateSize + projectorOutputDim)
    return ends + numHiddenLayers * (attention + feedForward + 4 * D) + adapter
  }

  /// The parameters of the projector into a decoder of this width (docs/llama4.md §5).
  package func projectorParameterCount(width: Int) -> Int { visionOutputDim * width }
}

extension VisionConfig {
  /// The tower that a `vision_config` describes, with the defaults of transformers.
  init(_ reader: ConfigReader) throws(DecoderConfigError) {
    let sizes = 1...65_536
    hiddenSize = try reader.int("hidden_size", in: sizes) ?? 768
    intermediateSize = try reader.int("intermediate_size", in: sizes) ?? 5632
    numHiddenLayers = try reader.int("num_hidden_layers", in: 1...10_000) ?? 34
    imageSize = try reader.int("image_size", in: sizes) ?? 448
    patchSize = try reader.int("patch_size", in: sizes) ?? 14
    numChannels = try reader.int("num_channels", in: 1...64) ?? 3
    projectorInputDim = try reader.int("projector_input_dim", in: sizes) ?? 4096
    projectorOutputDim = try reader.int("projector_output_dim", in: sizes) ?? 4096
    visionOutputDim = try reader.int("vision_output_dim", in: sizes) ?? 7680
    guard imageSize % patchSize == 0 else {
      throw reader.invalid("patch_size", "is \(patchSize), which does not divide \(imageSize)")
    }
  }
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
