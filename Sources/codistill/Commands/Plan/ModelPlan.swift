import Models
import Reports

/// The parts and the needs of a model, from its config alone. (`plan`)
struct ModelPlan: Encodable {
  /// A part of the model.
  struct Part: Encodable {
    /// The name of the part.
    var name: String
    /// Its parameters.
    var parameters: Int
    /// Those that a text token uses.
    var activeParameters: Int
  }

  /// All parameters.
  var parameters: Int
  /// Those that a text token uses: k experts of each mixture, both embeddings, no vision.
  var activeParameters: Int
  /// The parts that the model has.
  var parts: [Part]
  /// The context length, in tokens, of the figures below.
  var contextLength: Int
  /// The operations of a forward pass, a token.
  var forwardFlopsPerToken: Double
  /// Attention's part of them, beside the products with weights.
  var attentionFlopsPerToken: Double
  /// The operations of a training step, a token.
  var trainingFlopsPerToken: Double
  /// The weights in bfloat16.
  var weightBytesBfloat16: Int
  /// The weights in float32, as this tool holds them.
  var weightBytesFloat32: Int
  /// The keys and values that a token leaves behind, in bfloat16.
  var cacheBytesPerTokenBfloat16: Int
  /// The same in float32, as this tool holds them.
  var cacheBytesPerTokenFloat32: Int
  /// The keys and values of a whole context, in float32; chunked layers keep a chunk at most.
  var cacheBytesAtContextFloat32: Int
  /// Weights, gradients and both moments, in float32.
  var trainingStateBytes: Int
  /// The activations of one sequence of the context's length in a training step, about.
  var activationBytesPerSequence: Int

  /// The figures of a model at a context length.
  init(_ shape: ModelShape, context: Int) {
    let all = shape.parameters
    let active = shape.activeParameters
    parameters = all.total
    activeParameters = active.total
    parts = Self.parts.compactMap { name, part in
      guard all[keyPath: part] > 0 else { return nil }
      return Part(
        name: name, parameters: all[keyPath: part], activeParameters: active[keyPath: part])
    }
    let config = shape.decoder
    let operations = OperationCounts(config, context: context)
    contextLength = context
    forwardFlopsPerToken = operations.forward
    attentionFlopsPerToken = operations.attention
    trainingFlopsPerToken = operations.training
    weightBytesBfloat16 = 2 * all.total
    weightBytesFloat32 = 4 * all.total
    cacheBytesPerTokenBfloat16 = MemoryNeed.cacheBytesPerToken(config, bytesPerNumber: 2)
    cacheBytesPerTokenFloat32 = MemoryNeed.cacheBytesPerToken(config, bytesPerNumber: 4)
    cacheBytesAtContextFloat32 = MemoryNeed.cacheBytes(config, context: context, bytesPerNumber: 4)
    trainingStateBytes = MemoryNeed.trainingStateBytes(config)
    activationBytesPerSequence = MemoryNeed.activationBytes(config, batchTokens: context)
  }

  private static let parts: [(String, any KeyPath<ParameterCounts, Int> & Sendable)] = [
    ("embeddings", \.embeddings), ("attention", \.attention),
    ("dense feed-forward", \.denseFeedForward), ("routed experts", \.routedExperts),
    ("shared experts", \.sharedExperts), ("routers", \.routers), ("norms", \.norms),
    ("vision tower", \.vision), ("vision projector", \.projector),
  ]

  /// The parts and the costs, for people.
  var text: String { partsTable.text + "\n\n" + costsTable.text }

  private var partsTable: Table {
    var table = Table([.words("part"), .numbers("parameters"), .numbers("used by a text token")])
    for part in parts {
      table.append([
        part.name, Self.billions(part.parameters), Self.billions(part.activeParameters),
      ])
    }
    table.append(["all", Self.billions(parameters), Self.billions(activeParameters)])
    return table
  }

  private var costsTable: Table {
    var table = Table([.words("cost"), .words("at a context of \(contextLength) tokens")])
    let attention = "attention's products \(Figures.count(attentionFlopsPerToken)) of them"
    table.append([
      "forward pass", "\(Figures.count(forwardFlopsPerToken))FLOP a token, \(attention)",
    ])
    table.append(["training step", "\(Figures.count(trainingFlopsPerToken))FLOP a token"])
    table.append([
      "weights",
      "\(Figures.bytes(weightBytesBfloat16)) in bfloat16, "
        + "\(Figures.bytes(weightBytesFloat32)) in float32",
    ])
    table.append([
      "keys and values",
      "\(Figures.bytes(cacheBytesPerTokenBfloat16)) a token in bfloat16, "
        + "\(Figures.bytes(cacheBytesPerTokenFloat32)) in float32; "
        + "\(Figures.bytes(cacheBytesAtContextFloat32)) at the context",
    ])
    table.append([
      "training here",
      "\(Figures.bytes(trainingStateBytes)) for weights, gradients and two moments, "
        + "about \(Figures.bytes(activationBytesPerSequence)) for a sequence's activations",
    ])
    return table
  }

  /// Billions as such and with two decimals, because 108.64 B is how models are told apart.
  private static func billions(_ count: Int) -> String {
    count < 1_000_000_000
      ? Figures.count(count) : Figures.decimal(Double(count) / 1e9, places: 2) + " B"
  }
}
