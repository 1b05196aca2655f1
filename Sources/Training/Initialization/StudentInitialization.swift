public import Models
import Tensors

/// Makes a student from chosen layers of another model.
///
/// ```swift
/// let teacher = try Checkpoint.open("teacher")
/// let layers = Array(stride(from: 0, to: teacher.config.numHiddenLayers, by: 2))
/// let config = teacher.config.taking(layers: layers)
/// let student = Decoder(config, trainable: true)
/// try StudentInitialization(from: teacher, layers: layers, student: config).fill(student, seed: 1)
/// ```
///
/// Layer i of the student becomes layer `layers[i]` of the source. Where the student has a mixture
/// of experts and the source a dense feed-forward, that feed-forward becomes the shared expert and
/// the routed experts begin as zero contributions: they read as the source's do, and write nothing
/// yet. In a mixture without a shared expert every routed one becomes that feed-forward, which is
/// the same where a token's weights add up to one. Biases and gains that the source does not have
/// begin as zeros and ones. With every layer taken, a student with the source's settings (rotary
/// frequencies, norms, which layers rotate) then computes the source's function exactly.
public struct StudentInitialization {
  let source: Checkpoint
  let layers: [Int]
  let student: DecoderConfig

  /// Checks that the source's shapes fit the student's.
  ///
  /// - Parameters:
  ///   - source: The checkpoint to take from.
  ///   - layers: The source's layer for each of the student's; nil takes them all.
  ///   - student: The shape of the student.
  /// - Throws: ``InitializationError``.
  public init(
    from source: Checkpoint, layers: [Int]?, student: DecoderConfig
  ) throws(InitializationError) {
    self.source = source
    self.student = student
    self.layers = layers ?? Array(0..<source.config.numHiddenLayers)
    try checkLayers()
    try checkShapes()
  }

  private func checkLayers() throws(InitializationError) {
    // First, because a student that takes its shape from here has no layer for a wrong number.
    for layer in layers where !(0..<source.config.numHiddenLayers).contains(layer) {
      throw .noSuchLayer(layer, path: source.path, count: source.config.numHiddenLayers)
    }
    guard layers.count == student.numHiddenLayers else {
      throw .layerCount(chosen: layers.count, student: student.numHiddenLayers)
    }
    for (index, layer) in layers.enumerated() where source.config.isMixture(layer: layer) {
      guard student.isMixture(layer: index) else {
        throw .mixtureToDense(layer: layer, path: source.path)
      }
      guard student.modelType == source.config.modelType else {
        throw .otherMixture(
          student: student.modelType.name, source: source.config.modelType.name,
          path: source.path)
      }
    }
  }

  private func checkShapes() throws(InitializationError) {
    let pairs: [(String, KeyPath<DecoderConfig, Int>)] = [
      ("vocab_size", \.vocabSize), ("hidden_size", \.hiddenSize),
      ("num_attention_heads", \.numAttentionHeads),
      ("num_key_value_heads", \.numKeyValueHeads), ("head_dim", \.headDim),
    ]
    for (key, path) in pairs {
      try require(key, student[keyPath: path], source.config[keyPath: path])
    }
    for (index, layer) in layers.enumerated() {
      let isMixture = student.isMixture(layer: index)
      let (family, mixture) = (student.modelType, student.modelType.mixture)
      try require(
        (isMixture ? mixture?.width : family.denseWidth)?.key ?? family.denseWidth.key,
        isMixture ? student.expertWidth : student.denseWidth,
        source.config.isMixture(layer: layer)
          ? source.config.expertWidth : source.config.denseWidth)
      guard source.config.isMixture(layer: layer) else { continue }
      try require("num_local_experts", student.numLocalExperts, source.config.numLocalExperts)
    }
    if student.tieWordEmbeddings && !source.config.tieWordEmbeddings {
      throw .untiedSource(path: source.path)
    }
  }

  private func require(
    _ key: String, _ student: Int, _ source: Int
  ) throws(InitializationError) {
    guard student == source else {
      throw .shape(key: key, student: student, source: source, path: self.source.path)
    }
  }

  /// Fills every parameter of the student; those that the source lacks are drawn under the seed.
  ///
  /// - Throws: `CheckpointError` where the source cannot be read.
  public func fill(_ decoder: Decoder, seed: UInt64) throws {
    try source.requireTied()
    for parameter in decoder.parameters.parameters {
      if isDrawn(ParameterPlace(parameter.name)) {
        decoder.parameters.initialize([parameter], seed: seed)
        continue
      }
      try decoder.parameters.withValues(parameter.range) { values in
        try fill(parameter.name, parameter.shape, values)
      }
    }
  }

  /// Whether nothing in the source corresponds: the router of a layer that was dense, and biases
  /// and gains of a family that has none.
  private func isDrawn(_ place: ParameterPlace) -> Bool {
    guard let index = place.layer else { return false }
    let own = source.config
    if place.rest.hasSuffix(".bias") { return !own.modelType.hasAttentionBias }
    if ["self_attn.q_norm.weight", "self_attn.k_norm.weight"].contains(place.rest) {
      return own.queryKeyNorm != .beforeRotation
    }
    guard let router = student.modelType.mixture?.router,
      place.rest == "\(student.modelType.feedForward).\(router).weight"
    else { return false }
    return !own.isMixture(layer: layers[index])
  }

  private func fill(
    _ name: String, _ shape: [Int], _ values: UnsafeMutableBufferPointer<Float>
  ) throws {
    let place = ParameterPlace(name)
    guard let index = place.layer else {
      let own = source.config.tieWordEmbeddings ? "model.embed_tokens.weight" : name
      return try source.read(name == "lm_head.weight" ? own : name, shape: shape, into: values)
    }
    let layer = layers[index]
    let isUpcycled = student.isMixture(layer: index) && !source.config.isMixture(layer: layer)
    let prefix = "model.layers.\(layer)."
    switch place.rest {
    case ownScope + "experts.down_proj" where isUpcycled: values.update(repeating: 0)
    case ownScope + "experts.gate_up_proj" where isUpcycled:
      try copyGateAndUp(prefix + denseScope, shape, into: values)
    default:
      let rest = isUpcycled ? denseName(place.rest) : place.rest
      try source.read(prefix + renamed(rest), shape: shape, into: values)
    }
    if place.rest.hasSuffix("q_proj.weight") || place.rest.hasSuffix("k_proj.weight") {
      repair(rows: values, width: shape[1])
    }
  }

  /// The scope of a dense feed-forward in the source.
  private var denseScope: String { source.config.modelType.feedForward + "." }

  /// The scope of a feed-forward in the student.
  private var ownScope: String { student.modelType.feedForward + "." }

  private func renamed(_ rest: String) -> String {
    rest.hasPrefix(ownScope) ? denseScope + rest.dropFirst(ownScope.count) : rest
  }

  /// The name, in a dense layer, of the weights that become an expert of the student.
  private func denseName(_ rest: String) -> String {
    guard let mixture = student.modelType.mixture else { return rest }
    if let shared = mixture.shared { return rest.replacing(shared + ".", with: "") }
    let parts = rest.split(separator: ".")
    guard case .separate(let gate, let up, let down) = mixture.storage, parts.count == 5,
      let place = [gate, up, down].firstIndex(of: String(parts[3]))
    else { return rest }
    return ownScope + ["gate_proj", "up_proj", "down_proj"][place] + ".weight"
  }

  /// Every routed expert reads as the source's feed-forward: gate and up side by side, the input
  /// axis first, (E, D, 2F).
  private func copyGateAndUp(
    _ scope: String, _ shape: [Int], into values: UnsafeMutableBufferPointer<Float>
  ) throws {
    let (E, D, F) = (shape[0], shape[1], shape[2] / 2)
    for (half, name) in ["gate_proj.weight", "up_proj.weight"].enumerated() {
      var matrix = [Float](repeating: 0, count: F * D)
      try matrix.withUnsafeMutableBufferPointer {
        try source.read(scope + name, shape: [F, D], into: $0)
      }
      for e in 0..<E {
        for d in 0..<D {
          for f in 0..<F { values[(e * D + d) * 2 * F + half * F + f] = matrix[f * D + d] }
        }
      }
    }
  }

  /// Reorders each head's rows where the two models pair rotary features differently.
  ///
  /// Hugging Face's Llama pairs (j, j + d/2), Llama 4 pairs (2j, 2j + 1); moving the rows along
  /// leaves the function as it was.
  private func repair(rows values: UnsafeMutableBufferPointer<Float>, width: Int) {
    let own = student.modelType.pairsNeighbours
    guard own != source.config.modelType.pairsNeighbours else { return }
    let head = student.headDim
    let half = head / 2
    let original = Array(values)
    for row in 0..<(values.count / width) {
      let (start, r) = (row / head * head, row % head)
      let from =
        own
        ? r / 2 + (r % 2) * half  // the pair's halves come from j and j + d/2
        : 2 * (r % half) + r / half
      for column in 0..<width {
        values[row * width + column] = original[(start + from) * width + column]
      }
    }
  }
}

/// A parameter's name, split into its layer and the rest.
private struct ParameterPlace {
  let layer: Int?
  let rest: String

  init(_ name: String) {
    let parts = name.split(separator: ".", maxSplits: 3)
    guard parts.count == 4, parts[1] == "layers", let layer = Int(parts[2]) else {
      self.layer = nil
      rest = name
      return
    }
    self.layer = layer
    rest = String(parts[3])
  }
}

extension DecoderConfig {
  /// The shape of a model made of some of this one's layers.
  public func taking(layers: [Int]) -> DecoderConfig {
    var config = self
    let known = layers.filter { $0 < numHiddenLayers }
    config.numHiddenLayers = known.count
    config.ropeLayers = known.map { ropeLayers[$0] }
    config.chunkedLayers = known.map { chunkedLayers[$0] }
    config.slidingLayers = known.map { slidingLayers[$0] }
    config.moeLayers = known.indices.filter { moeLayers.contains(known[$0]) }
    return config
  }
}
