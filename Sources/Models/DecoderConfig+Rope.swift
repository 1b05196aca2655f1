extension DecoderConfig {
  /// Reads the rotary settings of either generation of keys.
  ///
  /// The older one is the flat `rope_theta` with `rope_scaling`, the newer `rope_parameters`; like
  /// transformers, `rope_scaling` wins where a file carries both, and a `rope_theta` inside the
  /// mapping wins over the flat one.
  mutating func readRope(
    _ reader: ConfigReader, defaultTheta: Double
  ) throws(DecoderConfigError) {
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
    if let part = try rope.double("partial_rotary_factor"), part != 1 {
      throw rope.unsupported("partial_rotary_factor", "\(part)", "1")
    }
    ropeScaling = try RopeScaling(rope)
  }
}

extension DecoderConfig.RopeScaling {
  /// The scaling that a rope mapping describes; nil when it describes none.
  fileprivate init?(_ rope: ConfigReader) throws(DecoderConfigError) {
    // "type" is what the key was called before "rope_type".
    let (newType, oldType) = (try rope.string("rope_type"), try rope.string("type"))
    let type = newType ?? oldType
    switch type {
    case "default": return nil
    case nil where !rope.has("factor"): return nil
    case "llama3": break
    case let other:
      throw rope.unsupported("rope_type", other ?? "missing", "default, llama3")
    }
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

extension ConfigReader {
  fileprivate func requiredPositive(_ key: String) throws(DecoderConfigError) -> Double {
    guard let number = try positive(key) else {
      throw .missingKey(file: file, key: prefix + key)
    }
    return number
  }
}
