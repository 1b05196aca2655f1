import Tensors

/// A shared expert for every token plus k routed ones (docs/llama4.md §2.7).
///
/// The routed experts' scores are independent sigmoids that multiply the expert's *input*; only the
/// chosen experts are computed, each on its own tokens.
struct MixtureOfExperts {
  let gateUp, down: Tensor  // (E, D, 2F), (E, F, D): the input axis first
  let router: ExpertRouter
  let sharedExpert: SwiGLU

  init(_ config: DecoderConfig, _ p: ParameterScope) {
    let deviation = config.initializerRange
    gateUp = p["experts"].normal("gate_up_proj", config.gateUpShape, deviation: deviation)
    down = p["experts"].normal("down_proj", config.downShape, deviation: deviation)
    router = ExpertRouter(config, p["router"])
    sharedExpert = SwiGLU(config, width: config.intermediateSize, p["shared_expert"])
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor, _ context: ForwardContext) -> Tensor {
    let (routes, scores) = router(x, context.trace)
    let gathered = gather(x, routes.tokens)
    let input = scaleRows(gathered, by: scores)
    let hidden = swiGLU(
      packed: groupedLinear(
        input, gateUp, offsets: routes.offsets, precision: context.precision))
    let routed = groupedLinear(
      hidden, down, offsets: routes.offsets, precision: context.precision)
    let shared = sharedExpert(x, adding: residual, context)
    defer { for passing in [gathered, input, hidden, routed, shared] { passing.forget() } }
    return scatterAdd(routed, routes.tokens, to: shared)
  }

}

extension DecoderConfig {
  /// The shape of a layer's gate and up projections of all experts, (E, D, 2F).
  var gateUpShape: [Int] { [numLocalExperts, hiddenSize, 2 * intermediateSize] }
  /// The shape of a layer's down projections of all experts, (E, F, D).
  var downShape: [Int] { [numLocalExperts, intermediateSize, hiddenSize] }
}

/// Chooses every token's experts.
struct ExpertRouter {
  let expertsPerToken: Int
  let weight: Tensor  // (E, D)

  init(_ config: DecoderConfig, _ p: ParameterScope) {
    expertsPerToken = config.numExpertsPerTok
    weight = p.normal(
      "weight", [config.numLocalExperts, config.hiddenSize], deviation: config.initializerRange)
  }

  /// Who goes where, and the sigmoid of each pair's logit.
  func callAsFunction(
    _ x: Tensor, _ trace: ForwardTrace?
  ) -> (routes: Routing, scores: Tensor) {
    Profile.stage(.router) {
      // A rounded router would send tokens elsewhere: choices are made in float32.
      let logits = linear(x, weight)
      let routes = Routing(logits, expertsPerToken: expertsPerToken)
      trace?.record(router: logits, assignments: routes.counts)
      return (routes, sigmoidGather(logits, rows: routes.tokens, columns: routes.experts))
    }
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
    (self.tokens, self.experts, self.offsets) = (tokens, experts, offsets)
  }

  /// How many tokens each expert got.
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
