import Base
import Glibc

extension GGUFFile {
  /// The decoder that the metadata describes.
  ///
  /// - Throws: `GGUFError.unsupportedModel` for any architecture but `llama`, `GGUFError` for broken
  ///   metadata, `DecoderConfigError` for values that make no sense.
  func decoderConfig() throws -> DecoderConfig {
    let architecture = try string("general.architecture") ?? "unknown"
    guard architecture == "llama" else {
      throw unsupported("architecture \(architecture)", "llama")
    }
    try refuseUnsupportedKeys(of: architecture)
    var config = try DecoderConfig(hugging: try huggingFaceValues(), source: path)
    if let scaling = try storedScaling(config) {
      guard config.ropeScaling == nil else {
        throw unsupported("linear RoPE scaling beside rope_freqs.weight", "one of them")
      }
      config.ropeScaling = .llama3(scaling)
    }
    return config
  }

  private func huggingFaceValues() throws -> [String: JSONValue] {
    var values: [String: JSONValue] = ["model_type": .string("llama")]
    let keys = [
      "num_hidden_layers": "block_count", "hidden_size": "embedding_length",
      "intermediate_size": "feed_forward_length", "num_attention_heads": "attention.head_count",
      "num_key_value_heads": "attention.head_count_kv",
      "max_position_embeddings": "context_length", "head_dim": "attention.key_length",
    ]
    for (key, name) in keys {
      if let number = try int("llama." + name) { values[key] = .int(number) }
    }
    values["vocab_size"] = .init(try vocabularySize())
    let epsilon = try double("llama.attention.layer_norm_rms_epsilon").map { Float($0) }
    guard let epsilon else {
      throw GGUFError.badMetadata(
        file: path, key: "llama.attention.layer_norm_rms_epsilon", problem: "is missing")
    }
    values["rms_norm_eps"] = .init(epsilon)
    values["rope_theta"] = .double(try double("llama.rope.freq_base") ?? 10_000)
    values["rope_scaling"] = try scalingValue()
    values["tie_word_embeddings"] = .bool(tensor("output.weight") == nil)
    for (key, name) in ["bos_token_id": "bos", "pad_token_id": "padding"] {
      values[key] = .init(try int("tokenizer.ggml.\(name)_token_id"))
    }
    values["eos_token_id"] = .array(
      try Self.endRoles.compactMap { try int("tokenizer.ggml.\($0)_token_id") }.map { .int($0) })
    try checkHeads(values)
    return values
  }

  private func vocabularySize() throws -> Int? {
    if let size = try int("llama.vocab_size") { return size }
    return tensor("token_embd.weight")?.shape.first
  }

  /// The scaling that the metadata name: without a type a factor is linear, and 0 is none.
  private func scalingValue() throws -> JSONValue {
    let factors = try ["llama.rope.scaling.factor", "llama.rope.scale_linear"]
      .compactMap { try double($0) }.filter { $0 != 0 }
    let factor = factors.first ?? 1
    if let other = factors.dropFirst().first, other != factor {
      throw unsupported("RoPE scaling by \(factor) and by \(other)", "one factor")
    }
    let type = try string("llama.rope.scaling.type") ?? "linear"
    if type == "none", factor != 1 {
      throw unsupported("a RoPE scaling of type none by \(factor)", "linear")
    }
    if type == "none" || (type == "linear" && factor == 1) { return .null }
    return .object(["rope_type": .string(type), "factor": .init(Float(factor))])
  }

  // Heads that rotate only in part, or whose values have another width, need other attention.
  private func checkHeads(_ values: [String: JSONValue]) throws {
    var headDim = values["head_dim"]
    if headDim == nil, case .int(let width)? = values["hidden_size"],
      case .int(let heads)? = values["num_attention_heads"], heads > 0
    {
      headDim = .int(width / heads)
    }
    if let rotated = try int("llama.rope.dimension_count"), headDim != .int(rotated) {
      throw unsupported("rotating \(rotated) numbers of each head", "whole heads")
    }
    if let width = try int("llama.attention.value_length"), headDim != .int(width) {
      throw unsupported("values of \(width) numbers a head", "as many as its key has")
    }
  }

  /// The Llama 3 scaling, which converters store as the factor of each frequency.
  ///
  /// The published models differ only in `factor`; anything but their curve is refused.
  private func storedScaling(_ config: DecoderConfig) throws -> DecoderConfig.RopeScaling.Llama3? {
    guard let tensor = tensor("rope_freqs.weight") else { return nil }
    let count = tensor.shape.reduce(1, *)
    guard tensor.type == .f32, count == config.headDim / 2 else {
      throw GGUFError.badTensor(
        file: path, name: tensor.name, problem: "must hold \(config.headDim / 2) F32 numbers")
    }
    var factors = [Float](repeating: 0, count: count)
    factors.withUnsafeMutableBufferPointer { read(tensor, into: $0) }
    if factors.allSatisfy({ $0 == 1 }) { return nil }
    let scaling = DecoderConfig.RopeScaling.Llama3(
      factor: Double(factors.max() ?? 1), lowFreqFactor: 1, highFreqFactor: 4,
      originalMaxPositionEmbeddings: 8192)
    for (index, factor) in factors.enumerated() {
      let expected = scaling.slowdown(of: index, theta: config.ropeTheta, headDim: config.headDim)
      // Written so that a NaN fails too.
      guard abs(Double(factor) - expected) <= 1e-3 * expected else {
        throw unsupported("the frequency scaling in rope_freqs.weight", "that of Llama 3.1 to 3.3")
      }
    }
    return scaling
  }

  /// The error that the decoder does not have what the file asks for.
  func unsupported(_ feature: String, _ supported: String) -> GGUFError {
    .unsupportedModel(file: path, feature: feature, supported: supported)
  }
}

extension DecoderConfig.RopeScaling.Llama3 {
  /// How many times slower pair `index` of a head turns, by the Llama 3 rule (docs/llama4.md §2.4).
  fileprivate func slowdown(of index: Int, theta: Double, headDim: Int) -> Double {
    let wavelength = 2 * Double.pi * pow(theta, 2 * Double(index) / Double(headDim))
    let original = Double(originalMaxPositionEmbeddings)
    if wavelength < original / highFreqFactor { return 1 }
    if wavelength > original / lowFreqFactor { return factor }
    let smooth = (original / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor)
    return 1 / ((1 - smooth) / factor + smooth)
  }
}

extension GGUFFile {
  /// Refuses metadata that the decoder would otherwise silently do without.
  func refuseUnsupportedKeys(of architecture: String) throws(GGUFError) {
    if try int("\(architecture).expert_count") ?? 0 > 0 {
      throw unsupported("a mixture of experts", "dense")
    }
    let prefix = architecture + "."
    for key in metadata.keys.sorted() where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      if UnsupportedKeys.readFromGGUF.contains(name) || isWholeWindow(name) { continue }
      let row =
        UnsupportedKeys.gguf.first { $0.keys.contains(name) }
        ?? .init([name], [.int(0), .bool(false)])
      let value = try configValue(key)
      guard row.isNeutral(value) else {
        throw unsupported("\(key) = \(value.brief)", row.supported)
      }
    }
    if let parts = try int("split.count"), parts > 1 {
      throw unsupported("one of \(parts) parts", "a model in one file; join them first")
    }
  }

  // A window that reaches over the whole context is none.
  private func isWholeWindow(_ name: String) -> Bool {
    guard name == "attention.sliding_window",
      case .unsigned(let window)? = metadata["llama." + name],
      case .unsigned(let context)? = metadata["llama.context_length"]
    else { return false }
    return window >= context
  }

  private func configValue(_ key: String) throws(GGUFError) -> JSONValue {
    switch metadata[key] {
    case .bool(let flag)?: .bool(flag)
    case .double(let number)?: .double(number)
    case .string?: .string(try string(key) ?? "")
    case .array?: .array([])
    case .signed(let number)?: .int(Int(number))
    case .unsigned?: try int(key).map(JSONValue.int) ?? .null
    case nil: .null
    }
  }
}
