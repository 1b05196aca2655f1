import Tensors

/// A feed-forward layer of either kind.
enum FeedForward {
  case dense(SwiGLU)
  case mixture(MixtureOfExperts)

  init(_ config: DecoderConfig, layer: Int, _ p: ParameterScope) {
    let scope = p[config.modelType.feedForward]
    self =
      config.isMixture(layer: layer)
      ? .mixture(MixtureOfExperts(config, scope))
      : .dense(SwiGLU(config, width: config.denseWidth, scope))
  }

  func callAsFunction(
    _ x: Tensor, adding residual: Tensor, _ context: ForwardContext
  ) -> Tensor {
    switch self {
    case .dense(let layer): Profile.stage(.feedForward) { layer(x, adding: residual, context) }
    case .mixture(let layer): Profile.stage(.experts) { layer(x, adding: residual, context) }
    }
  }
}

/// `(silu(x Wgateᵀ) ⊙ x Wupᵀ) Wdownᵀ`.
struct SwiGLU {
  let gateUp: Tensor  // (2F, D), the gate's rows first
  let down: Linear

  init(_ config: DecoderConfig, width: Int, _ p: ParameterScope) {
    gateUp = p.stacked(
      ["gate_proj.weight", "up_proj.weight"], [width, config.hiddenSize],
      deviation: config.initializerRange)
    down = Linear(width, config.hiddenSize, config, p["down_proj"])
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor, _ context: ForwardContext) -> Tensor {
    let hidden = swiGLU(packed: linear(x, gateUp, precision: context.precision))
    defer { hidden.forget() }
    return down(hidden, adding: residual, context)
  }
}
