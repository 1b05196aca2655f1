import Base
import Tensors

/// A mixture layer whose experts are read one after the other, and only those that are needed.
struct StreamedMixture {
  /// Everything but the routed experts.
  struct Weights {
    let attentionNorm, feedForwardNorm: RMSNorm
    let attention: Attention
    let router: ExpertRouter
    let sharedExpert: SwiGLU?

    init(_ config: DecoderConfig, _ layer: Int, _ root: ParameterScope) {
      let p = root.layer(layer)
      let feedForward = p[config.modelType.feedForward]
      attentionNorm = RMSNorm(config, p["input_layernorm"])
      feedForwardNorm = RMSNorm(config, p["post_attention_layernorm"])
      attention = Attention(config, layer: layer, p["self_attn"])
      router = ExpertRouter(config, feedForward)
      sharedExpert = SwiGLU(shared: config, feedForward)
    }
  }

  private let checkpoint: Checkpoint
  private let config: DecoderConfig
  private let layer: Int

  init(_ checkpoint: Checkpoint, layer: Int) {
    self.checkpoint = checkpoint
    config = checkpoint.config
    self.layer = layer
  }

  /// Takes all texts through the layer.
  func callAsFunction(_ hidden: inout [Tensor], _ contexts: [ForwardContext]) throws {
    let routed = try dispatch(&hidden, contexts)
    for expert in 0..<config.numLocalExperts {
      let texts = routed.indices.filter { !routed[$0].rows(of: expert).isEmpty }
      if !texts.isEmpty { try apply(expert, texts.map { (routed[$0], contexts[$0]) }) }
    }
    hidden.replaceEach { scatterAdd(routed[$0].output, routed[$0].routes.tokens, to: $1) }
  }

  /// Applies attention and the shared expert, and gathers the rows for each routed expert.
  private func dispatch(
    _ hidden: inout [Tensor], _ contexts: [ForwardContext]
  ) throws -> [RoutedRows] {
    let part = StreamedPart { Weights(config, layer, $0) }
    try part.load(checkpoint)
    let weights = part.part
    return hidden.withUnsafeMutableBufferPointer { hidden in
      Parallel.map(hidden.count) { index in
        let (x, context) = (hidden[index], contexts[index])
        let h = weights.attention(weights.attentionNorm(x), adding: x, context)
        let normed = weights.feedForwardNorm(h)
        let (routes, scores) = weights.router(normed, nil)
        hidden[index] = weights.sharedExpert?(normed, adding: h, context) ?? h
        let values = weights.router.input(gather(normed, routes.tokens), scores)
        return RoutedRows(
          routes: routes, values: values, scores: scores, router: weights.router)
      }
    }
  }

  /// Takes the rows that go to an expert through it.
  private func apply(_ expert: Int, _ texts: [(rows: RoutedRows, context: ForwardContext)]) throws {
    let matrices = try matrices(of: expert)
    Parallel.forEach(texts.count) { index in
      let (rows, context) = texts[index]
      rows.apply(expert, matrices, context.precision)
    }
  }

  /// An expert alone, with its own matrices.
  private func matrices(of expert: Int) throws -> RoutedExperts {
    if config.modelType.storesExpertsSeparately {
      let part = StreamedPart {
        RoutedExperts(config, $0.experts(config, layer), expert..<(expert + 1))
      }
      try part.load(checkpoint)
      return part.part
    }
    let fused = try config.experts(0..<config.numLocalExperts, ofLayer: layer).map { name in
      let (rows, columns) = (name.shape[1], name.shape[2])
      return try checkpoint.tensor(
        name, rows: (expert * rows)..<((expert + 1) * rows), shape: [1, rows, columns])
    }
    return RoutedExperts(gateUp: fused[0], down: fused[1], outputFirst: false)
  }
}

/// The rows of a text that go to the routed experts, sorted by expert.
private struct RoutedRows {
  let routes: Routing
  /// The inputs of the experts, (kN, D), and once an expert has been applied, its outputs.
  let values: Tensor
  /// The score of each row.
  let scores: Tensor
  let router: ExpertRouter

  /// The rows to add to the tokens, once all experts have been applied.
  var output: Tensor { router.output(values, scores) }

  func rows(of expert: Int) -> Range<Int> { routes.offsets[expert]..<routes.offsets[expert + 1] }

  /// Replaces the rows of an expert, which is there alone.
  func apply(_ expert: Int, _ matrices: RoutedExperts, _ precision: Precision) {
    let (rows, D) = (rows(of: expert), values.columns)
    let own = Storage(of: values.storage, range: (rows.lowerBound * D)..<(rows.upperBound * D))
    let offsets = [0, rows.count]
    let gateUp = matrices.gateUp(Tensor([rows.count, D], own), offsets, precision)
    let result = matrices.down(swiGLU(packed: gateUp), offsets, precision)
    result.withValues { source in
      if let base = source.baseAddress { own.base.update(from: base, count: source.count) }
    }
  }
}
