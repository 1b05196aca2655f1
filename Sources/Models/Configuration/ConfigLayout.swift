/// How a `config.json` is laid out, by its `model_type` or its architecture.
enum ConfigLayout: String, CaseIterable {
  /// A Llama 2 or 3, flat.
  case llama
  /// A Llama 4 text decoder, flat.
  case llama4Text = "llama4_text"
  /// A multimodal Llama 4, the text decoder under `text_config`.
  case llama4Multimodal = "llama4"

  /// The decoder's own type.
  var modelType: DecoderConfig.ModelType { self == .llama ? .llama : .llama4Text }

  /// The architecture that transformers names in such a file.
  private var architecture: String {
    switch self {
    case .llama: "LlamaForCausalLM"
    case .llama4Text: "Llama4ForCausalLM"
    case .llama4Multimodal: "Llama4ForConditionalGeneration"
    }
  }

  /// Finds the layout of a config.
  ///
  /// - Throws: `DecoderConfigError.unsupported`, or `.missingKey` when nothing names the model.
  init(_ reader: ConfigReader) throws(DecoderConfigError) {
    let layouts = Self.allCases
    let architecture = try reader.strings("architectures")?.first
    if let name = architecture, !layouts.contains(where: { $0.architecture == name }) {
      let names = layouts.map(\.architecture)
      throw reader.unsupported("architectures", name, names.joined(separator: ", "))
    }
    if let type = try reader.string("model_type") {
      guard let layout = Self(rawValue: type) else {
        throw reader.unsupported(
          "model_type", type, layouts.map(\.rawValue).joined(separator: ", "))
      }
      self = layout
    } else if let layout = layouts.first(where: { $0.architecture == architecture }) {
      self = layout
    } else {
      throw .missingKey(file: reader.file, key: "model_type")
    }
  }
}
