extension ConfigReader {
  /// Refuses what the decoder would otherwise silently do differently.
  func refuseUnsupported(modelType: DecoderConfig.ModelType) throws(DecoderConfigError) {
    let rows = UnsupportedKeys.config + (modelType == .llama ? UnsupportedKeys.llama : [])
    for row in rows {
      for key in row.keys {
        guard let value = value(key), !row.isNeutral(value) else { continue }
        throw unsupported(key, value.brief, row.supported)
      }
    }
    try refuseWindow()
    if modelType == .llama { try refuseLayers() }
  }

  // A window that reaches over the whole context is none.
  private func refuseWindow() throws(DecoderConfigError) {
    guard let window = try int("sliding_window"), window > 0,
      try bool("use_sliding_window") != false
    else { return }
    let context = try int("max_position_embeddings") ?? .max
    if window < context { throw unsupported("sliding_window", "\(window)", "null") }
  }

  // A Llama's layers are all alike.
  private func refuseLayers() throws(DecoderConfigError) {
    if let other = try strings("layer_types")?.first(where: { $0 != "full_attention" }) {
      throw unsupported("layer_types", other, "full_attention")
    }
    if try ints("no_rope_layers")?.contains(0) == true {
      throw unsupported("no_rope_layers", "0 somewhere", "1 for every layer")
    }
  }
}
