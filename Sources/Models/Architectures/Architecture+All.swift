extension Architecture {
  /// The families that are known, in the order in which messages name them.
  static let all: [Architecture] = [
    .llama,
    .llama4Text,
    .qwen2,
    .qwen3,
    .qwen3Moe,
    .mistral,
    .mixtral,
    .smolLM3,
  ]

  /// Finds the family of a config, by its `model_type` or what transformers' class is called.
  ///
  /// - Returns: the family, and whether its multimodal model is described.
  /// - Throws: `DecoderConfigError.unsupported`, or `.missingKey` when nothing names the model.
  static func find(
    _ reader: ConfigReader
  ) throws(DecoderConfigError) -> (Architecture, isWrapped: Bool) {
    let className = try reader.strings("architectures")?.first
    let named = layouts.first { $0.className == className }
    if let className, named == nil {
      let known = layouts.map(\.className).joined(separator: ", ")
      throw reader.unsupported("architectures", className, known)
    }
    guard let type = try reader.string("model_type") else {
      guard let named else { throw .missingKey(file: reader.file, key: "model_type") }
      return (named.architecture, named.isWrapped)
    }
    guard let layout = layouts.first(where: { $0.name == type }) else {
      let known = layouts.map(\.name).joined(separator: ", ")
      throw reader.unsupported("model_type", type, known)
    }
    // Tensors of two families may have the same names, and only one of them be computed right.
    if let className, let named, named.architecture.name != layout.architecture.name {
      throw reader.unsupported(
        "architectures", className, "\(layout.className) beside model_type \(type)")
    }
    return (layout.architecture, layout.isWrapped)
  }

  /// A kind of model that a config can describe: a decoder, or a multimodal model around one.
  private struct Layout {
    let name: String
    let className: String
    let architecture: Architecture
    let isWrapped: Bool
  }

  private static var layouts: [Layout] {
    all.flatMap { family in
      let own = Layout(
        name: family.name, className: family.className, architecture: family, isWrapped: false)
      let wrapped = family.wrapper.map {
        Layout(name: $0.name, className: $0.className, architecture: family, isWrapped: true)
      }
      return [own] + [wrapped].compactMap { $0 }
    }
  }
}
