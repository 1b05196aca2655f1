import Tensors

/// A part of a decoder, with the memory for its weights alone.
struct StreamedPart<Part> {
  let part: Part
  private let store: ParameterStore

  /// A part of so many parameters, whose weights are not there yet.
  init(count: Int, _ declare: (ParameterScope) -> Part) {
    store = ParameterStore(count: count, trainable: false)
    part = declare(store.root)
  }

  /// The names and shapes of its weights.
  var parameters: [NamedShape] {
    store.parameters.map { NamedShape(name: $0.name, shape: $0.shape) }
  }

  /// Reads its weights.
  func load(_ checkpoint: Checkpoint) throws {
    for parameter in store.parameters {
      try store.withValues(parameter.range) {
        try checkpoint.read(parameter.name, shape: parameter.shape, into: $0)
      }
    }
  }
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
    let layers = (0..<numHiddenLayers).flatMap { layer in
      streamedParameters(ofLayer: layer) + (isMixture(layer: layer) ? experts(ofLayer: layer) : [])
    }
    let norm = NamedShape(name: "model.norm.weight", shape: [hiddenSize])
    return [embeddings] + layers + [norm] + (tieWordEmbeddings ? [] : [output])
  }

  /// A layer's parameters without its routed experts; none of a layer that there is not.
  func streamedParameters(ofLayer layer: Int) -> [NamedShape] {
    guard layer < numHiddenLayers else { return [] }
    guard !isMixture(layer: layer) else { return StreamedMixture.weights(self, layer).parameters }
    return StreamedPart(count: parameterCount(ofLayer: layer)) {
      DecoderLayer(self, layer: layer, $0["model"]["layers"]["\(layer)"])
    }.parameters
  }

  /// A mixture layer's routed experts: gate and up, then down.
  func experts(ofLayer layer: Int) -> [NamedShape] {
    let scope = "model.layers.\(layer).feed_forward.experts."
    return [
      NamedShape(name: scope + "gate_up_proj", shape: gateUpShape),
      NamedShape(name: scope + "down_proj", shape: downShape),
    ]
  }
}

extension DecoderConfig {
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
