import Tensors

/// Grouped-query attention; rotated layers may be chunked and QK-normalised, unrotated ones may
/// grow their queries with the position (docs/llama4.md §2.3).
struct Attention {
  let config: DecoderConfig
  let layer: Int
  let query, key, value, output: Linear

  init(_ config: DecoderConfig, layer: Int, _ p: ParameterScope) {
    (self.config, self.layer) = (config, layer)
    let width = config.hiddenSize
    let queries = config.numAttentionHeads * config.headDim
    let keys = config.numKeyValueHeads * config.headDim
    query = Linear(width, queries, config, p["q_proj"])
    key = Linear(width, keys, config, p["k_proj"])
    value = Linear(width, keys, config, p["v_proj"])
    output = Linear(queries, width, config, p["o_proj"])
  }

  func callAsFunction(
    _ x: Tensor, adding residual: Tensor, _ context: ForwardContext
  ) -> Tensor {
    var (q, k, v) = (query(x, context), key(x, context), value(x, context))
    if config.ropeLayers[layer] {
      q = rotated(q, heads: config.numAttentionHeads, context)
      k = rotated(k, heads: config.numKeyValueHeads, context)
    } else if let temperatures = context.temperatures {
      q = scaleRows(q, by: temperatures)
    }
    if let cache = context.cache { (k, v) = cache.append(k, v, layer: layer) }
    let mixed = attention(
      q, k, v, heads: config.numAttentionHeads, keyValueHeads: config.numKeyValueHeads,
      config.chunkedLayers[layer] ? context.chunked : context.full,
      precision: context.precision)
    if config.ropeLayers[layer], config.useQkNorm { for normed in [q, k] { normed.forget() } }
    return output(mixed, adding: residual, context)
  }

  /// Rotated and then, without a weight, QK-normalised.
  private func rotated(_ x: Tensor, heads: Int, _ context: ForwardContext) -> Tensor {
    let turned = rotary(x, heads: heads, context.rotary)
    x.forget()  // A rotation's backward reads no values.
    guard config.useQkNorm else { return turned }
    return rmsNorm(turned, nil, eps: config.rmsNormEps, width: config.headDim)
  }
}
