import Base
import Tensors

/// A mixture layer whose experts are read one after the other, and only those that are needed.
struct StreamedMixture {
  /// Everything but the routed experts.
  struct Weights {
    let attentionNorm, feedForwardNorm: RMSNorm
    let attention: Attention
    let router: ExpertRouter
    let sharedExpert: SwiGLU
  }

  private let checkpoint: Checkpoint
  private let config: DecoderConfig
  private let layer: Int

  init(_ checkpoint: Checkpoint, layer: Int) {
    (self.checkpoint, config, self.layer) = (checkpoint, checkpoint.config, layer)
  }

  /// The memory for a layer's weights without its routed experts.
  static func weights(_ config: DecoderConfig, _ layer: Int) -> StreamedPart<Weights> {
    StreamedPart(count: config.parameterCount(ofLayer: layer, experts: 0)) { root in
      let p = root["model"]["layers"]["\(layer)"]
      let feedForward = p["feed_forward"]
      return Weights(
        attentionNorm: RMSNorm(config, p["input_layernorm"]),
        feedForwardNorm: RMSNorm(config, p["post_attention_layernorm"]),
        attention: Attention(config, layer: layer, p["self_attn"]),
        router: ExpertRouter(config, feedForward["router"]),
        sharedExpert: SwiGLU(
          config, width: config.intermediateSize, feedForward["shared_expert"]))
    }
  }

  /// All texts through the layer.
  func callAsFunction(_ hidden: inout [Tensor], _ contexts: [ForwardContext]) throws {
    let routed = try dispatch(&hidden, contexts)
    for expert in 0..<config.numLocalExperts {
      let texts = routed.indices.filter { !routed[$0].rows(of: expert).isEmpty }
      if !texts.isEmpty { try apply(expert, texts.map { (routed[$0], contexts[$0]) }) }
    }
    hidden.replaceEach { scatterAdd(routed[$0].values, routed[$0].routes.tokens, to: $1) }
  }

  /// Attention, the shared expert, and the rows that go to each routed expert.
  private func dispatch(
    _ hidden: inout [Tensor], _ contexts: [ForwardContext]
  ) throws -> [RoutedRows] {
    let part = Self.weights(config, layer)
    try part.load(checkpoint)
    let weights = part.part
    return hidden.withUnsafeMutableBufferPointer { hidden in
      Parallel.map(hidden.count) { index in
        let (x, context) = (hidden[index], contexts[index])
        let h = weights.attention(weights.attentionNorm(x), adding: x, context)
        let normed = weights.feedForwardNorm(h)
        let (routes, scores) = weights.router(normed, nil)
        hidden[index] = weights.sharedExpert(normed, adding: h, context)
        return RoutedRows(
          routes: routes, values: scaleRows(gather(normed, routes.tokens), by: scores))
      }
    }
  }

  /// The rows that go to an expert through it.
  private func apply(_ expert: Int, _ texts: [(rows: RoutedRows, context: ForwardContext)]) throws {
    let names = config.experts(ofLayer: layer)
    let matrices = try names.map { name in
      let (rows, columns) = (name.shape[1], name.shape[2])
      return try checkpoint.tensor(
        name, rows: (expert * rows)..<((expert + 1) * rows), shape: [rows, columns])
    }
    Parallel.forEach(texts.count) { index in
      let (rows, context) = texts[index]
      rows.apply(expert, gateUp: matrices[0], down: matrices[1], context.precision)
    }
  }
}

/// The rows of a text that go to the routed experts, sorted by expert.
private struct RoutedRows {
  let routes: Routing
  /// (kN, D): what goes in, and once an expert has been applied, what comes out.
  let values: Tensor

  func rows(of expert: Int) -> Range<Int> { routes.offsets[expert]..<routes.offsets[expert + 1] }

  /// Replaces an expert's rows, by products of the shapes that they have among all experts.
  func apply(_ expert: Int, gateUp: Tensor, down: Tensor, _ precision: Precision) {
    let (rows, D) = (rows(of: expert), values.columns)
    let own = Storage(of: values.storage, range: (rows.lowerBound * D)..<(rows.upperBound * D))
    let hidden = swiGLU(
      packed: groupLinear(
        Tensor([rows.count, D], own), gateUp, totalRows: values.rows, precision: precision))
    let result = groupLinear(hidden, down, totalRows: values.rows, precision: precision)
    result.withValues { source in
      if let base = source.baseAddress { own.base.update(from: base, count: source.count) }
    }
  }
}
