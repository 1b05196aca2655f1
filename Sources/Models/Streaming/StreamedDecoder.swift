import Base
public import Tensors

/// A decoder whose weights stay in their file, for teachers larger than the memory.
///
/// A batch of texts passes one layer at a time, whose weights are made from the mapped file just
/// then, expert by expert in a mixture: the memory is that of one layer, and of the batch's hidden
/// states. Each text is a unit of its own on one thread, as it is for a ``Decoder`` that is given
/// that text alone, and its hidden states have the same bits.
public struct StreamedDecoder {
  /// The precision of the operands of its matrix products; routers choose in float32.
  public var precision = Precision.float32
  private let checkpoint: Checkpoint
  private let norm: StreamedPart<RMSNorm>

  /// Checks that a checkpoint has every weight, in the right shape; reads hardly any of them.
  ///
  /// - Throws: `CheckpointError` as ``Decoder/init(_:trainable:)`` does.
  package init(_ checkpoint: Checkpoint) throws {
    self.checkpoint = checkpoint
    let config = checkpoint.config
    var names: [String] = []
    for parameter in config.streamedParameters {
      _ = try checkpoint.source(parameter.name, shape: parameter.shape)
      names.append(parameter.name)
    }
    try checkpoint.requireNothing(besides: names)
    norm = StreamedPart { RMSNorm(config, $0["model"]["norm"]) }
    try norm.load(checkpoint)
  }

  /// Its shape.
  public var config: DecoderConfig { checkpoint.config }

  /// The most parameters that are in memory at once: a layer's, with one routed expert.
  package var largestPart: Int {
    config.layerKinds.map { config.streamedCount(ofLayer: $0.layer) }.max() ?? 0
  }

  /// The hidden states (N, D) of each text after the final norm.
  ///
  /// - Throws: `CheckpointError` where a weight cannot be read.
  package func callAsFunction(_ texts: [TokenBatch]) throws -> [Tensor] {
    var hidden = try Parallel.map(texts.count) { try embed(texts[$0]) }
    try checkpoint.forget(config.embeddings)
    let frequencies = config.rotaryFrequencies
    let contexts = texts.map {
      ForwardContext($0, config, frequencies, precision, cache: nil, trace: nil)
    }
    for layer in 0..<config.numHiddenLayers {
      try checkpoint.expect(config.streamedParameters(ofLayer: layer + 1))
      if config.isMixture(layer: layer) {
        try StreamedMixture(checkpoint, layer: layer)(&hidden, contexts)
      } else {
        try pass(layer, &hidden, contexts)
      }
    }
    hidden.replaceEach { norm.part($1) }
    return hidden
  }

  /// Some rows of the projection onto the vocabulary, (rows, D).
  ///
  /// - Throws: `CheckpointError` where they cannot be read.
  public func output(rows: Range<Int>) throws -> Tensor {
    try checkpoint.tensor(config.output, rows: rows, shape: [rows.count, config.hiddenSize])
  }

  private func embed(_ text: TokenBatch) throws -> Tensor {
    let source = try checkpoint.source(config.embeddings.name, shape: config.embeddings.shape)
    let (N, D) = (text.tokens.count, config.hiddenSize)
    let storage = Storage(count: N * D)
    for (n, token) in text.tokens.enumerated() {
      let row = UnsafeMutableBufferPointer(start: storage.base + n * D, count: D)
      try checkpoint.read(
        source, of: config.embeddings.name, rows: Int(token)..<(Int(token) + 1), into: row)
    }
    return Tensor([N, D], storage)
  }

  /// Takes all texts through a dense layer.
  private func pass(
    _ layer: Int, _ hidden: inout [Tensor], _ contexts: [ForwardContext]
  ) throws {
    let weights = StreamedPart { DecoderLayer(config, layer: layer, $0.layer(layer)) }
    try weights.load(checkpoint)
    hidden.replaceEach { weights.part($1, contexts[$0]) }
  }
}

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

extension [Tensor] {
  /// Replaces each element, on all threads.
  ///
  /// A former element goes as its successor comes: none is left by the time all are done.
  mutating func replaceEach(_ body: (Int, Tensor) -> Tensor) {
    withUnsafeMutableBufferPointer { tensors in
      Parallel.forEach(tensors.count) { tensors[$0] = body($0, tensors[$0]) }
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
