public import Models
import Tensors

/// Makes a student from chosen layers of another model.
///
/// Layer i of the student becomes layer `layers[i]` of the source. Where the student has a mixture
/// of experts and the source a dense feed-forward, that feed-forward becomes the shared expert and
/// the routed experts begin as zero contributions: they read as the source's do, and write nothing
/// yet. With every layer taken, a student with the source's settings (rotary frequencies, norms,
/// which layers rotate) then computes the source's function exactly.
public struct StudentInitialization {
  private let source: Checkpoint
  private let layers: [Int]
  private let student: DecoderConfig

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
    (self.source, self.student) = (source, student)
    self.layers = layers ?? Array(0..<source.config.numHiddenLayers)
    try checkLayers()
    try checkShapes()
  }

  /// The settings in which the student computes otherwise than the source, each as one phrase.
  ///
  /// They may be wanted, but the layers were learned under the source's.
  public var differences: [String] {
    let source = source.config
    var pairs: [(String, String, String)] = [
      ("rope_theta", "\(student.ropeTheta)", "\(source.ropeTheta)"),
      ("rope_scaling", describe(student.ropeScaling), describe(source.ropeScaling)),
      ("rms_norm_eps", "\(student.rmsNormEps)", "\(source.rmsNormEps)"),
      ("use_qk_norm", "\(student.useQkNorm)", "\(source.useQkNorm)"),
      (
        "no_rope_layers", "\(student.ropeLayers.map { $0 ? 1 : 0 })",
        "\(layers.map { source.ropeLayers[$0] ? 1 : 0 })"
      ),
    ]
    pairs += chunks(source) + tuning(source)
    if layers.contains(where: source.isMixture) {
      pairs.append(
        ("num_experts_per_tok", "\(student.numExpertsPerTok)", "\(source.numExpertsPerTok)"))
    }
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1), the source's \($0.2)" }
  }

  /// The chunks of each layer, as far as a window may be longer than they are.
  private func chunks(_ source: DecoderConfig) -> [(String, String, String)] {
    func sizes(_ config: DecoderConfig, _ layers: [Int]) -> String {
      let size = config.attentionChunkSize.flatMap {
        $0 < student.maxPositionEmbeddings ? $0 : nil
      }
      return "\(layers.map { config.chunkedLayers[$0] ? size ?? 0 : 0 })"
    }
    let own = sizes(student, Array(0..<student.numHiddenLayers))
    return [("attention_chunk_size in its layers (0: none)", own, sizes(source, layers))]
  }

  /// How queries of unrotated layers grow with their position, where there are such layers.
  private func tuning(_ source: DecoderConfig) -> [(String, String, String)] {
    guard student.ropeLayers.contains(false) else { return [] }
    func words(_ config: DecoderConfig) -> String {
      guard config.attnTemperatureTuning else { return "off" }
      return "on, floor_scale \(config.floorScale), attn_scale \(config.attnScale)"
    }
    return [("attn_temperature_tuning", words(student), words(source))]
  }

  private func describe(_ scaling: DecoderConfig.RopeScaling?) -> String {
    switch scaling {
    case nil: "none"
    case .linear(let factor): "linear, factor \(factor)"
    case .llama3(let scaling):
      "factor \(scaling.factor), low \(scaling.lowFreqFactor), high \(scaling.highFreqFactor), "
        + "original \(scaling.originalMaxPositionEmbeddings)"
    }
  }

  private func checkLayers() throws(InitializationError) {
    // First, because a student that takes its shape from here has no layer for a wrong number.
    for layer in layers where !(0..<source.config.numHiddenLayers).contains(layer) {
      throw .noSuchLayer(layer, path: source.path, count: source.config.numHiddenLayers)
    }
    guard layers.count == student.numHiddenLayers else {
      throw .layerCount(chosen: layers.count, student: student.numHiddenLayers)
    }
    for (index, layer) in layers.enumerated()
    where source.config.isMixture(layer: layer) && !student.isMixture(layer: index) {
      throw .mixtureToDense(layer: layer, path: source.path)
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
      try require(
        isMixture || student.modelType == .llama ? "intermediate_size" : "intermediate_size_mlp",
        isMixture ? student.intermediateSize : student.denseWidth,
        source.config.isMixture(layer: layer)
          ? source.config.intermediateSize : source.config.denseWidth)
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

  /// Whether nothing in the source corresponds: the router of a layer that was dense.
  private func isDrawn(_ place: ParameterPlace) -> Bool {
    guard let index = place.layer, place.rest == "feed_forward.router.weight" else { return false }
    return !source.config.isMixture(layer: layers[index])
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
    case "feed_forward.experts.down_proj" where isUpcycled: values.update(repeating: 0)
    case "feed_forward.experts.gate_up_proj" where isUpcycled:
      try copyGateAndUp(prefix + denseScope, shape, into: values)
    default:
      let rest = isUpcycled ? place.rest.replacing("shared_expert.", with: "") : place.rest
      try source.read(prefix + renamed(rest), shape: shape, into: values)
    }
    if place.rest.hasSuffix("q_proj.weight") || place.rest.hasSuffix("k_proj.weight") {
      repair(rows: values, width: shape[1])
    }
  }

  /// Where a dense feed-forward lies in the source.
  private var denseScope: String { source.config.modelType == .llama ? "mlp." : "feed_forward." }

  private func renamed(_ rest: String) -> String {
    let own = student.modelType == .llama ? "mlp." : "feed_forward."
    return rest.hasPrefix(own) ? denseScope + rest.dropFirst(own.count) : rest
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
    guard student.modelType != source.config.modelType else { return }
    let head = student.headDim
    let half = head / 2
    let original = Array(values)
    for row in 0..<(values.count / width) {
      let (start, r) = (row / head * head, row % head)
      let from =
        student.modelType == .llama4Text
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
      (self.layer, rest) = (nil, name)
      return
    }
    (self.layer, rest) = (layer, String(parts[3]))
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
    config.moeLayers = known.indices.filter { moeLayers.contains(known[$0]) }
    return config
  }
}
