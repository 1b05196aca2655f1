import Tensors

/// A part of a decoder, with the memory for its weights alone.
struct StreamedPart<Part> {
  let part: Part
  private let store: ParameterStore

  /// A part whose weights are not there yet.
  init(_ declare: (ParameterScope) -> Part) {
    let (store, part) = ParameterStore.declaring(trainable: false, declare)
    self.store = store
    self.part = part
  }

  /// Reads its weights.
  func load(_ checkpoint: Checkpoint) throws { try checkpoint.read(into: store) }
}

extension Checkpoint {
  /// Some rows of a parameter, as a tensor of that shape.
  func tensor(_ parameter: NamedShape, rows: Range<Int>, shape: [Int]) throws -> Tensor {
    let storage = Tensors.Storage(count: shape.reduce(1, *))
    try read(
      source(parameter.name, shape: parameter.shape), of: parameter.name, rows: rows,
      into: UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
    return Tensor(shape, storage)
  }

  /// Lets the system read parameters ahead that are needed soon.
  func expect(_ parameters: [NamedShape]) throws {
    for parameter in parameters {
      let source = try source(parameter.name, shape: parameter.shape)
      source.advise(rows: 0..<source.rowCount, .soonNeeded)
    }
  }

  /// Takes a parameter's pages in the file out of this process's memory.
  func forget(_ parameter: NamedShape) throws {
    let source = try source(parameter.name, shape: parameter.shape)
    source.advise(rows: 0..<source.rowCount, .notNeeded)
  }
}

extension DecoderConfig {
  /// Every parameter of a decoder of this shape.
  var streamedParameters: [NamedShape] {
    ParameterStore.parameters { _ = DecoderParts(self, $0) }.map(\.namedShape)
  }

  /// A layer's parameters without its routed experts; none of a layer that there is not.
  func streamedParameters(ofLayer layer: Int) -> [NamedShape] {
    guard layer < numHiddenLayers else { return [] }
    guard isMixture(layer: layer) else { return parameters(ofLayer: layer).map(\.namedShape) }
    return ParameterStore.parameters { _ = StreamedMixture.Weights(self, layer, $0) }
      .map(\.namedShape)
  }

  /// The parameters of some of a mixture layer's routed experts: gate and up, then down.
  func experts(_ experts: Range<Int>, ofLayer layer: Int) -> [NamedShape] {
    ParameterStore.parameters { _ = RoutedExperts(self, $0.experts(self, layer), experts) }
      .map(\.namedShape)
  }

  /// The parameters of a layer that are in memory at once, one routed expert among them.
  func streamedCount(ofLayer layer: Int) -> Int {
    let own = streamedParameters(ofLayer: layer)
    let expert = isMixture(layer: layer) ? experts(0..<1, ofLayer: layer) : []
    return (own + expert).reduce(0) { $0 + $1.count }
  }
}

extension ParameterScope {
  /// The scope of a layer's routed experts.
  func experts(_ config: DecoderConfig, _ layer: Int) -> ParameterScope {
    self.layer(layer)[config.modelType.feedForward]["experts"]
  }
}
