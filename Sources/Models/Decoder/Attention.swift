import Tensors

/// Grouped-query attention; queries and keys may be normalised before or after the rotation, and
/// the queries of unrotated layers may grow with the position (docs/llama4.md §2.3).
struct Attention {
  let config: DecoderConfig
  let layer: Int
  let query, key, value, output: Linear
  let queryGain, keyGain: Tensor?  // (d), of a norm before the rotation

  init(_ config: DecoderConfig, layer: Int, _ p: ParameterScope) {
    self.config = config
    self.layer = layer
    let isBiased = config.modelType.hasAttentionBias
    let width = config.hiddenSize
    let queries = config.numAttentionHeads * config.headDim
    let keys = config.numKeyValueHeads * config.headDim
    query = Linear(width, queries, config, p["q_proj"], isBiased: isBiased)
    key = Linear(width, keys, config, p["k_proj"], isBiased: isBiased)
    value = Linear(width, keys, config, p["v_proj"], isBiased: isBiased)
    output = Linear(queries, width, config, p["o_proj"])
    let isGained = config.queryKeyNorm == .beforeRotation
    queryGain = isGained ? p["q_norm"].ones("weight", [config.headDim]) : nil
    keyGain = isGained ? p["k_norm"].ones("weight", [config.headDim]) : nil
  }

  func callAsFunction(
    _ x: Tensor, adding residual: Tensor, _ context: ForwardContext
  ) -> Tensor {
    var (q, k, v) = (query(x, context), key(x, context), value(x, context))
    if let queryGain { q = headNorm(q, queryGain) }
    if let keyGain { k = headNorm(k, keyGain) }
    if config.ropeLayers[layer] {
      q = rotated(q, heads: config.numAttentionHeads, context)
      k = rotated(k, heads: config.numKeyValueHeads, context)
    } else if let temperatures = context.temperatures {
      q = scaleRows(q, by: temperatures)
    }
    if let cache = context.cache { (k, v) = cache.append(k, v, layer: layer) }
    let mixed = attention(
      q, k, v, heads: config.numAttentionHeads, keyValueHeads: config.numKeyValueHeads,
      context.windows[layer], precision: context.precision)
    if config.ropeLayers[layer], isNormedAgain { for normed in [q, k] { normed.forget() } }
    return output(mixed, adding: residual, context)
  }

  /// Whether rotated queries and keys are normalised.
  private var isNormedAgain: Bool { config.queryKeyNorm == .afterRotation }

  /// Rotates queries or keys and then, in some families, normalises them without a gain.
  private func rotated(_ x: Tensor, heads: Int, _ context: ForwardContext) -> Tensor {
    let turned = rotary(x, heads: heads, context.rotary)
    x.forget()  // A rotation's backward reads no values.
    return isNormedAgain ? headNorm(turned, nil) : turned
  }

  private func headNorm(_ x: Tensor, _ gain: Tensor?) -> Tensor {
    rmsNorm(x, gain, eps: config.rmsNormEps, width: config.headDim)
  }
}
