import Tensors

/// Grouped-query attention; rotated layers may be chunked and QK-normalised, unrotated ones may
/// grow their queries with the position (llama4.md §2.3).
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
      q = normalised(rotary(q, heads: config.numAttentionHeads, context.rotary))
      k = normalised(rotary(k, heads: config.numKeyValueHeads, context.rotary))
    } else if let temperatures = context.temperatures {
      q = scaleRows(q, by: temperatures)
    }
    if let cache = context.cache { (k, v) = cache.append(k, v, layer: layer) }
    let mixed = attention(
      q, k, v, heads: config.numAttentionHeads, keyValueHeads: config.numKeyValueHeads,
      config.chunkedLayers[layer] ? context.chunked : context.full,
      precision: context.precision)
    return output(mixed, adding: residual, context)
  }

  /// The QK norm, after the rotation and without a weight.
  private func normalised(_ x: Tensor) -> Tensor {
    guard config.useQkNorm else { return x }
    return rmsNorm(x, nil, eps: config.rmsNormEps, width: config.headDim)
  }
}
