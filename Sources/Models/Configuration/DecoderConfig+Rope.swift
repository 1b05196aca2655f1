import Base

extension DecoderConfig {
  /// Reads the rotary settings of either generation of keys.
  ///
  /// The older one is the flat `rope_theta` with `rope_scaling`, the newer `rope_parameters`; like
  /// transformers, `rope_scaling` wins where a file carries both, and a `rope_theta` inside the
  /// mapping wins over the flat one.
  mutating func readRope(_ reader: ConfigReader) throws(DecoderConfigError) {
    let defaultTheta = modelType.defaults.ropeTheta
    let flatTheta = try reader.positive("rope_theta")
    let older = try reader.object("rope_scaling")
    let newer = try reader.object("rope_parameters")
    guard let rope = [older, newer].compactMap({ $0 }).first(where: { !$0.members.isEmpty })
    else {
      ropeTheta = flatTheta ?? defaultTheta
      return
    }
    let innerTheta = try rope.positive("rope_theta")
    let newerTheta = try newer?.positive("rope_theta")
    ropeTheta = innerTheta ?? flatTheta ?? newerTheta ?? defaultTheta
    ropeScaling = try RopeScaling(rope, known: modelType.ropeTypes)
  }
}

extension DecoderConfig.RopeScaling {
  /// The scaling that a rope mapping describes; nil when it describes none.
  fileprivate init?(_ rope: ConfigReader, known: [String]) throws(DecoderConfigError) {
    let type = try rope.ropeType(known)
    try rope.refuseUnread(type)
    switch type {
    case "linear":
      let factor = try rope.requiredPositive("factor")
      if factor == 1 { return nil }
      self = .linear(factor: factor)
    case "llama3": self = .llama3(try Llama3(rope))
    case "yarn": self = .yarn(try YaRN(rope))
    default: return nil
    }
  }
}

extension DecoderConfig.RopeScaling.Llama3 {
  fileprivate init(_ rope: ConfigReader) throws(DecoderConfigError) {
    let (low, high) = (
      try rope.requiredPositive("low_freq_factor"), try rope.requiredPositive("high_freq_factor")
    )
    if high < low {
      throw rope.invalid("high_freq_factor", "is \(high), but low_freq_factor is \(low)")
    }
    self.init(
      factor: try rope.requiredPositive("factor"), lowFreqFactor: low, highFreqFactor: high,
      originalMaxPositionEmbeddings: try rope.required(
        "original_max_position_embeddings", in: 1...Int(Int32.max)))
  }
}

extension DecoderConfig.RopeScaling.YaRN {
  fileprivate init(_ rope: ConfigReader) throws(DecoderConfigError) {
    self.init(
      factor: try rope.requiredPositive("factor"),
      betaFast: try rope.positive("beta_fast") ?? 32, betaSlow: try rope.positive("beta_slow") ?? 1,
      originalMaxPositionEmbeddings: try rope.required(
        "original_max_position_embeddings", in: 1...Int(Int32.max)),
      attentionFactor: try rope.positive("attention_factor"))
  }
}

extension ConfigReader {
  /// The type that a rope mapping names; its key was "type" before it was "rope_type".
  fileprivate func ropeType(_ known: [String]) throws(DecoderConfigError) -> String {
    let (newer, older) = (try string("rope_type"), try string("type"))
    if let newer, let older, newer != older {
      throw invalid("rope_type", "is \(newer), but type is \(older)")
    }
    let type = newer ?? older ?? (has("factor") ? "missing" : "default")
    guard known.contains(type) else {
      throw unsupported("rope_type", type, known.joined(separator: ", "))
    }
    return type
  }

  /// Refuses what a rope mapping of a type says besides what is read.
  fileprivate func refuseUnread(_ type: String) throws(DecoderConfigError) {
    let always: Set = [
      "rope_type", "type", "rope_theta", "original_max_position_embeddings",
    ]
    let read = always.union(UnsupportedKeys.rope[type] ?? [])
    for (key, value) in members.sorted(by: { $0.key < $1.key })
    where value != .null && !read.contains(key) {
      let one = UnsupportedKeys.Row([key], [.int(1)])
      // Factors of 1 change nothing, wherever they stand.
      if key.hasSuffix("factor"), one.isNeutral(value) { continue }
      throw unsupported(key, value.brief, "rope_type \(type) without it")
    }
  }

  fileprivate func requiredPositive(_ key: String) throws(DecoderConfigError) -> Double {
    guard let number = try positive(key) else {
      throw .missingKey(file: file, key: prefix + key)
    }
    return number
  }
}
