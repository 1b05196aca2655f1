package import Text

extension GGUFFile {
  /// The byte-level BPE vocabulary of the metadata; nil when the file has none.
  ///
  /// - Throws: `GGUFError`, also for a tokenizer of another kind than `gpt2`.
  package func vocabulary() throws -> GGUFVocabulary? {
    guard let model = try string("tokenizer.ggml.model") else { return nil }
    guard model == "gpt2" else {
      throw GGUFError.unsupportedModel(
        file: path, feature: "the tokenizer \(model)", supported: "gpt2 (byte-level BPE)")
    }
    let tokens = try required(strings("tokenizer.ggml.tokens"), "tokenizer.ggml.tokens")
    return GGUFVocabulary(
      tokens: tokens,
      tokenTypes: try int32s("tokenizer.ggml.token_type")
        ?? Array(repeating: 1, count: tokens.count),
      merges: try required(strings("tokenizer.ggml.merges"), "tokenizer.ggml.merges"),
      preTokenizer: try string("tokenizer.ggml.pre") ?? "default",
      bosTokenID: try id("bos"), eosTokenID: try id("eos"), paddingTokenID: try id("padding"),
      endTokenIDs: try Self.endRoles.compactMap { try id($0) },
      addsBOS: try bool("tokenizer.ggml.add_bos_token"))
  }

  /// The roles of the tokens that end a text: of text, of a turn, of a message.
  static let endRoles = ["eos", "eot", "eom"]

  /// The config that fingerprints are of: as it was read before turns' and messages' ends counted.
  func identity(_ config: DecoderConfig) throws -> DecoderConfig {
    var config = config
    let end = try int("tokenizer.ggml.eos_token_id")
    config.eosTokenIds = config.eosTokenIds.filter { $0 == end }
    return config
  }

  private func id(_ role: String) throws -> Int32? {
    let key = "tokenizer.ggml.\(role)_token_id"
    guard let number = try int(key) else { return nil }
    guard let id = Int32(exactly: number) else {
      throw GGUFError.badMetadata(file: path, key: key, problem: "is \(number), which is no id")
    }
    return id
  }

  private func required<Value>(_ value: Value?, _ key: String) throws(GGUFError) -> Value {
    guard let value else { throw .badMetadata(file: path, key: key, problem: "is missing") }
    return value
  }
}
