import Base

extension Architecture {
  /// Mistral: Llama's layers, all with a window.
  ///
  /// Its GGUF files call themselves `llama`.
  package static let mistral = Architecture(
    name: "mistral", className: "MistralForCausalLM", title: "Mistral",
    defaults: Defaults(keyValueHeads: 8, maxPositionEmbeddings: 131_072),
    keys: ["sliding_window"],
    read: { config, reader throws(DecoderConfigError) in
      let given = try reader.int("sliding_window", in: 1...Int(Int32.max))
      config.slidingWindow = given ?? (reader.has("sliding_window") ? nil : 4096)
      let slides = config.slidingWindow != nil
      config.slidingLayers = Array(repeating: slides, count: config.numHiddenLayers)
    },
    write: { ["sliding_window": .init($0.slidingWindow)] })
}
