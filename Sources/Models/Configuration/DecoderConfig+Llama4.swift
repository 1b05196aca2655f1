import Base

extension DecoderConfig {
  /// Reads the keys that only Llama 4 has (docs/llama4.md §1.2).
  mutating func readLlama4(_ reader: ConfigReader) throws(DecoderConfigError) {
    intermediateSizeMlp = try reader.int("intermediate_size_mlp", in: 1...16_777_216) ?? 16_384
    useQkNorm = try reader.bool("use_qk_norm") ?? true
    attnTemperatureTuning = try reader.temperatureTuning()
    floorScale = try reader.int("floor_scale", in: 1...Int(Int32.max)) ?? 8192
    attnScale = try reader.float("attn_scale") ?? 0.1
    try readExperts(reader)
    try readLayers(reader)
  }

  private mutating func readExperts(_ reader: ConfigReader) throws(DecoderConfigError) {
    numLocalExperts = try reader.int("num_local_experts", in: 1...65_536) ?? 16
    numExpertsPerTok = try reader.int("num_experts_per_tok", in: 1...65_536) ?? 1
    let step = try reader.int("interleave_moe_layer_step", in: 1...Int(Int32.max)) ?? 1
    let layers = try reader.ints("moe_layers")
    moeLayers =
      layers?.sorted() ?? Array(stride(from: step - 1, to: numHiddenLayers, by: step))
    if let outside = moeLayers.first(where: { !(0..<numHiddenLayers).contains($0) }) {
      throw reader.invalid("moe_layers", "names layer \(outside) of \(numHiddenLayers)")
    }
    if Set(moeLayers).count != moeLayers.count {
      throw reader.invalid("moe_layers", "names a layer twice")
    }
    if !moeLayers.isEmpty, numExpertsPerTok > numLocalExperts {
      throw reader.invalid(
        "num_experts_per_tok", "is \(numExpertsPerTok), but there are \(numLocalExperts) experts")
    }
  }

  private mutating func readLayers(_ reader: ConfigReader) throws(DecoderConfigError) {
    ropeLayers = try reader.ropeLayers(count: numHiddenLayers)
    chunkedLayers = try reader.chunkedLayers(count: numHiddenLayers) ?? ropeLayers
    let hasChunk = reader.has("attention_chunk_size")
    attentionChunkSize =
      try reader.int("attention_chunk_size", in: 1...Int(Int32.max)) ?? (hasChunk ? nil : 8192)
    // One way to say "no chunks", however the file put it.
    if attentionChunkSize == nil || !chunkedLayers.contains(true) {
      attentionChunkSize = nil
      chunkedLayers = Array(repeating: false, count: numHiddenLayers)
    }
  }
}

extension ConfigReader {
  /// A boolean, or the int that transformers 4.51 wrote, where only 0 means off.
  fileprivate func temperatureTuning() throws(DecoderConfigError) -> Bool {
    if case .int(let number)? = value("attn_temperature_tuning") { return number != 0 }
    return try bool("attn_temperature_tuning") ?? true
  }

  /// Which layers rotate; an empty list is no list.
  fileprivate func ropeLayers(count: Int) throws(DecoderConfigError) -> [Bool] {
    let interval = try int("no_rope_layer_interval", in: 1...Int(Int32.max)) ?? 4
    guard let flags = try ints("no_rope_layers"), !flags.isEmpty else {
      return (0..<count).map { ($0 + 1) % interval != 0 }
    }
    guard flags.count >= count else {
      throw invalid("no_rope_layers", "has \(flags.count) entries for \(count) layers")
    }
    if let other = flags.first(where: { $0 != 0 && $0 != 1 }) {
      throw invalid("no_rope_layers", "has an entry \(other), but they must be 0 or 1")
    }
    return flags.prefix(count).map { $0 == 1 }
  }

  /// Which layers attend in chunks; nil when the file leaves it to the rotary layers.
  fileprivate func chunkedLayers(count: Int) throws(DecoderConfigError) -> [Bool]? {
    guard let types = try strings("layer_types") else { return nil }
    guard types.count == count else {
      throw invalid("layer_types", "has \(types.count) entries for \(count) layers")
    }
    let known = ["chunked_attention", "full_attention"]
    if let other = types.first(where: { !known.contains($0) }) {
      throw unsupported("layer_types", other, known.joined(separator: ", "))
    }
    return types.map { $0 == known[0] }
  }
}
