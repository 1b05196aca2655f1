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

  /// The expert that every token passes through; nil where a family has none.
  init?(shared config: DecoderConfig, _ p: ParameterScope) {
    guard let name = config.mixture.shared else { return nil }
    self.init(config, width: config.expertWidth, p[name])
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor, _ context: ForwardContext) -> Tensor {
    let hidden = swiGLU(packed: linear(x, gateUp, precision: context.precision))
    defer { hidden.forget() }
    return down(hidden, adding: residual, context)
  }
}

/// The k of E experts that a token's router chooses, and in some families one for every token.
///
/// Only the chosen experts are computed, each on its own tokens. A router's score multiplies what
/// goes into an expert (docs/llama4.md §2.7) or what comes out of it.
struct MixtureOfExperts {
  let router: ExpertRouter
  let experts: RoutedExperts
  let sharedExpert: SwiGLU?

  init(_ config: DecoderConfig, _ p: ParameterScope) {
    experts = RoutedExperts(config, p["experts"], 0..<config.numLocalExperts)
    router = ExpertRouter(config, p)
    sharedExpert = SwiGLU(shared: config, p)
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor, _ context: ForwardContext) -> Tensor {
    let (routes, scores) = router(x, context.trace)
    let gathered = gather(x, routes.tokens)
    let input = router.input(gathered, scores)
    let hidden = swiGLU(packed: experts.gateUp(input, routes.offsets, context.precision))
    let product = experts.down(hidden, routes.offsets, context.precision)
    let routed = router.output(product, scores)
    let shared = sharedExpert?(x, adding: residual, context)
    // A sum's backward reads no values; those of a product that is scaled are read.
    defer { for passing in [gathered, input, hidden, routed] { passing.forget() } }
    defer { shared?.forget() }
    return scatterAdd(routed, routes.tokens, to: shared ?? residual)
  }
}

/// Some routed experts of a layer, as they are stored.
struct RoutedExperts {
  /// (E, D, 2F) and (E, F, D), or with the output axis first (E, 2F, D) and (E, D, F).
  let gateUp, down: Tensor
  let outputFirst: Bool

  func gateUp(_ x: Tensor, _ offsets: [Int], _ precision: Precision) -> Tensor {
    groupedLinear(x, gateUp, offsets: offsets, outputFirst: outputFirst, precision: precision)
  }

  func down(_ x: Tensor, _ offsets: [Int], _ precision: Precision) -> Tensor {
    groupedLinear(x, down, offsets: offsets, outputFirst: outputFirst, precision: precision)
  }
}

extension RoutedExperts {
  init(_ config: DecoderConfig, _ p: ParameterScope, _ experts: Range<Int>) {
    let (E, D, F) = (experts.count, config.hiddenSize, config.expertWidth)
    let deviation = config.initializerRange
    switch config.mixture.storage {
    case .fused:
      gateUp = p.normal("gate_up_proj", [E, D, 2 * F], deviation: deviation)
      down = p.normal("down_proj", [E, F, D], deviation: deviation)
      outputFirst = false
    case .separate(let gateName, let upName, let downName):
      gateUp = p.stacked(
        experts.flatMap { ["\($0).\(gateName).weight", "\($0).\(upName).weight"] }, [F, D],
        groups: E, deviation: deviation)
      down = p.stacked(
        experts.map { "\($0).\(downName).weight" }, [D, F], groups: E, deviation: deviation)
      outputFirst = true
    }
  }
}

/// Chooses every token's experts.
struct ExpertRouter {
  let expertsPerToken: Int
  let score: Architecture.Mixture.Score
  let isNormalised: Bool
  let weight: Tensor  // (E, D)

  init(_ config: DecoderConfig, _ p: ParameterScope) {
    expertsPerToken = config.numExpertsPerTok
    score = config.mixture.score
    isNormalised = config.normTopkProb
    weight = p[config.mixture.router].normal(
      "weight", [config.numLocalExperts, config.hiddenSize], deviation: config.initializerRange)
  }

  /// The expert choices of the tokens, and the score of each pair of token and expert.
  func callAsFunction(
    _ x: Tensor, _ trace: ForwardTrace?
  ) -> (routes: Routing, scores: Tensor) {
    Profile.stage(.router) {
      // A rounded router would send tokens elsewhere: choices are made in float32.
      let logits = linear(x, weight)
      let routes = Routing(logits, expertsPerToken: expertsPerToken)
      trace?.record(router: logits, assignments: routes.counts)
      return (routes, scores(logits, routes))
    }
  }

  private func scores(_ logits: Tensor, _ routes: Routing) -> Tensor {
    switch score {
    case .sigmoidOfInput: sigmoidGather(logits, rows: routes.tokens, columns: routes.experts)
    case .softmaxOfOutput:
      softmaxGather(
        logits, rows: routes.tokens, columns: routes.experts, overChosen: isNormalised)
    }
  }

  /// The input of the experts.
  func input(_ rows: Tensor, _ scores: Tensor) -> Tensor {
    score == .sigmoidOfInput ? scaleRows(rows, by: scores) : rows
  }

  /// The experts' output as it is added to the tokens.
  func output(_ rows: Tensor, _ scores: Tensor) -> Tensor {
    score == .softmaxOfOutput ? scaleRows(rows, by: scores) : rows
  }
}

/// The chosen (token, expert) pairs sorted by expert, so that each expert owns a run of rows.
struct Routing {
  let tokens: [Int32]
  let experts: [Int32]
  let offsets: [Int]

  init(_ logits: Tensor, expertsPerToken k: Int) {
    let (N, E) = (logits.rows, logits.columns)
    let chosen = logits.withValues { values in
      (0..<N).flatMap { Self.largest(k, values[($0 * E)..<(($0 + 1) * E)]) }
    }
    var offsets = [Int](repeating: 0, count: E + 1)
    for expert in chosen { offsets[expert + 1] += 1 }
    for expert in 0..<E { offsets[expert + 1] += offsets[expert] }
    var next = offsets
    var tokens = [Int32](repeating: 0, count: chosen.count)
    var experts = tokens
    for (pair, expert) in chosen.enumerated() {
      tokens[next[expert]] = Int32(pair / k)
      experts[next[expert]] = Int32(expert)
      next[expert] += 1
    }
    self.tokens = tokens
    self.experts = experts
    self.offsets = offsets
  }

  /// The number of tokens that each expert got.
  var counts: [Int] { zip(offsets.dropFirst(), offsets).map { $0 - $1 } }

  /// The indices of the k largest values, the lower index first on ties.
  private static func largest(_ k: Int, _ row: Slice<UnsafeBufferPointer<Float>>) -> [Int] {
    var chosen: [Int] = []
    for _ in 0..<k {
      var best = -1
      for (index, value) in row.enumerated() where !chosen.contains(index) {
        if best < 0 || value > row[row.startIndex + best] { best = index }
      }
      chosen.append(best)
    }
    return chosen
  }
}
