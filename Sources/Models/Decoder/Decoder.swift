public import Tensors

/// A decoder of any family that is known; teacher and student alike.
///
/// Shapes: N tokens of a batch, D residual width, H query heads, K key-value heads, d head width,
/// E experts, V vocabulary. Activations are (N, D).
///
/// ```swift
/// let teacher = try Decoder(Checkpoint.open("models/SmolLM2-135M"))
/// let logits = teacher.logits(TokenBatch(documents: [[1, 338, 2420], [1, 92]]))  // (5, V)
///
/// let student = Decoder(config, trainable: true)
/// student.parameters.initialize(seed: 1)
/// try student.save(to: "student")
/// ```
public struct Decoder {
  /// Its shape.
  public let config: DecoderConfig
  /// All its weights, in the order of a Hugging Face checkpoint.
  public let parameters: ParameterStore
  /// The projection onto the vocabulary, (V, D); the embedding table itself when tied.
  public let output: Tensor
  /// The precision of the operands of its matrix products; routers choose in float32.
  public var precision = Precision.float32
  private let parts: DecoderParts
  private let frequencies: [Float]

  /// A decoder with undefined weights: load a checkpoint or call `parameters.initialize`.
  public init(_ config: DecoderConfig, trainable: Bool) {
    let (store, parts) = ParameterStore.declaring(trainable: trainable) {
      DecoderParts(config, $0)
    }
    self.config = config
    parameters = store
    output = parts.output
    self.parts = parts
    frequencies = config.rotaryFrequencies
  }

  /// The hidden states (N, D) after the final norm; `logits` projects them.
  ///
  /// With a cache, the batch must be the next tokens of the text that the cache holds. A trace
  /// collects what routers and layers gave on the way.
  public func callAsFunction(
    _ batch: TokenBatch, cache: KeyValueCache? = nil, trace: ForwardTrace? = nil
  ) -> Tensor {
    let context = Profile.stage(.attention) {
      ForwardContext(batch, config, frequencies, precision, cache: cache, trace: trace)
    }
    var h = Profile.stage(.embedding) { gather(parts.embedding, batch.tokens) }
    for layer in parts.layers {
      trace?.record(hidden: h)
      h = layer(h, context)
    }
    cache?.advance(by: batch.tokens.count)
    let normed = parts.norm(h)
    trace?.record(hidden: normed)
    return normed
  }

  /// The logits (N, V) of hidden states.
  public func logits(_ hidden: Tensor) -> Tensor {
    linear(hidden, output, precision: precision)
  }

  /// The logits (N, V) of a batch.
  public func logits(_ batch: TokenBatch) -> Tensor { logits(self(batch)) }
}

/// The parts of a decoder that have weights.
struct DecoderParts {
  let embedding: Tensor  // (V, D)
  let layers: [DecoderLayer]
  let norm: RMSNorm
  let output: Tensor  // (V, D)

  init(_ config: DecoderConfig, _ root: ParameterScope) {
    let model = root["model"]
    embedding = model["embed_tokens"].normal(
      "weight", [config.vocabSize, config.hiddenSize], deviation: config.initializerRange,
      decays: false)
    layers = (0..<config.numHiddenLayers).map { DecoderLayer(config, layer: $0, root.layer($0)) }
    norm = RMSNorm(config, model["norm"])
    output =
      config.tieWordEmbeddings
      ? embedding
      : root["lm_head"].normal(
        "weight", [config.vocabSize, config.hiddenSize], deviation: config.initializerRange)
  }
}

/// One residual block: attention, then a feed-forward.
struct DecoderLayer {
  let attentionNorm, feedForwardNorm: RMSNorm
  let attention: Attention
  let feedForward: FeedForward

  init(_ config: DecoderConfig, layer: Int, _ p: ParameterScope) {
    attentionNorm = RMSNorm(config, p["input_layernorm"])
    attention = Attention(config, layer: layer, p["self_attn"])
    feedForwardNorm = RMSNorm(config, p["post_attention_layernorm"])
    feedForward = FeedForward(config, layer: layer, p)
  }

  func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
    // Activations are most of a step's memory: what is cheap to compute again is not kept.
    let normed = attentionNorm(x)
    let h = Profile.stage(.attention) { attention(normed, adding: x, context) }
    let normedAgain = feedForwardNorm(h)
    defer { for cheap in [normed, normedAgain] { cheap.forget() } }
    return feedForward(normedAgain, adding: h, context)
  }
}

/// Grouped-query attention; queries and keys may be normalised before or after the rotation, and
/// the queries of unrotated layers may grow with the position (docs/llama4.md §2.3).
struct Attention {
  let config: DecoderConfig
  let layer: Int
  let query, key, value, output: Linear
  let queryGain, keyGain: Tensor?  // (d), of a norm before the rotation
  let isNormedAgain: Bool  // Whether rotated queries and keys are normalised.

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
    isNormedAgain = config.queryKeyNorm == .afterRotation
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

/// An RMS norm with a learned gain.
struct RMSNorm {
  let weight: Tensor  // (D)
  let eps: Float

  init(_ config: DecoderConfig, _ p: ParameterScope) {
    weight = p.ones("weight", [config.hiddenSize])
    eps = config.rmsNormEps
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    Profile.stage(.norms) { rmsNorm(x, weight, eps: eps) }
  }
}

/// A projection, in some families with a bias.
struct Linear {
  let weight: Tensor  // (out, in)
  let bias: Tensor?  // (out)

  init(
    _ inputs: Int, _ outputs: Int, _ config: DecoderConfig, _ p: ParameterScope,
    isBiased: Bool = false
  ) {
    weight = p.normal("weight", [outputs, inputs], deviation: config.initializerRange)
    bias = isBiased ? p.zeros("bias", [outputs]) : nil
  }

  func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
    guard let bias else { return linear(x, weight, precision: context.precision) }
    return linear(x, weight, bias: bias, precision: context.precision)
  }

  /// The projection added to a residual, without the bias: a biased projection is never added.
  func callAsFunction(
    _ x: Tensor, adding residual: Tensor, _ context: ForwardContext
  ) -> Tensor {
    linear(x, weight, adding: residual, precision: context.precision)
  }
}

extension ParameterScope {
  /// The scope of a layer, from the root.
  func layer(_ number: Int) -> ParameterScope { self["model"]["layers"]["\(number)"] }
}
