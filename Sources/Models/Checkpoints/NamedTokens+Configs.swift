package import Base
import Foundation
package import Text

extension NamedTokens {
  private static let keys = ["bos_token_id", "eos_token_id", "pad_token_id"]

  /// The tokens that the `model:` section of a run's config names; null is for no such token.
  ///
  /// - Throws: `DecoderConfigError` for an id that the vocabulary does not have.
  package init(
    section values: [String: JSONValue], source: String, vocabSize: Int
  ) throws(DecoderConfigError) {
    self.init(source: source)
    try add(ConfigReader(file: source, members: values), vocabSize, nullMeansNone: true)
  }

  /// The tokens that `config.json` and `generation_config.json` in a folder name, together.
  ///
  /// Files that are not there name nothing.
  ///
  /// - Throws: `CheckpointError`, `DecoderConfigError`.
  package init(folder: String, vocabSize: Int) throws {
    self.init(source: folder + "/config.json")
    for (name, sections) in [
      ("config.json", ["", "text_config"]), ("generation_config.json", [""]),
    ] {
      let file = folder + "/" + name
      guard FileManager.default.fileExists(atPath: file) else { continue }
      let reader = ConfigReader(file: file, members: try DecoderConfig.members(of: file))
      for section in sections {
        guard let reader = section.isEmpty ? reader : try reader.object(section) else { continue }
        try add(reader, vocabSize, nullMeansNone: false)
      }
    }
  }

  private mutating func add(
    _ reader: ConfigReader, _ vocabSize: Int, nullMeansNone: Bool
  ) throws(DecoderConfigError) {
    for (key, path) in zip(Self.keys, [\NamedTokens.bos, \.eos, \.padding]) {
      let ids = try reader.tokens(key, vocabSize: vocabSize)
      guard let ids = ids ?? (nullMeansNone && reader.has(key) ? [] : nil) else { continue }
      let known = self[keyPath: path] ?? []
      self[keyPath: path] = known + ids.map(Int32.init).filter { !known.contains($0) }
    }
  }

  /// The tokens that a GGUF's metadata name.
  init(_ config: DecoderConfig, source: String) {
    self.init(
      source: source, bos: config.bosTokenId.map { [Int32($0)] },
      eos: config.eosTokenIds.isEmpty ? nil : config.eosTokenIds.map { Int32($0) },
      padding: config.padTokenId.map { [Int32($0)] })
  }
}

extension DecoderConfig {
  /// The config with the special tokens that a file, or whatever else is asked, names.
  package func naming(_ roles: TokenRoles) -> DecoderConfig {
    var config = self
    config.bosTokenId = roles.bos.map(Int.init)
    config.eosTokenIds = roles.ends.map(Int.init)
    config.padTokenId = roles.padding.map(Int.init)
    return config
  }

  /// The config with all the tokens that its files name.
  func naming(_ named: NamedTokens) -> DecoderConfig {
    var config = self
    config.bosTokenId = named.bos?.first.map(Int.init)
    config.eosTokenIds = named.eos?.map(Int.init) ?? []
    config.padTokenId = named.padding?.first.map(Int.init)
    return config
  }

  /// The config that fingerprints are of: as transformers reads `config.json` alone, with its
  /// defaults, so that caches know their teacher from before these were left out.
  func identity(_ members: [String: JSONValue]) -> DecoderConfig {
    var (config, members) = (self, members)
    if let section = modelType.wrapper?.section, let text = members[section]?.object {
      members = text
    }
    if members["bos_token_id"] == nil, vocabSize > 1 { config.bosTokenId = 1 }
    if members["eos_token_id"] == nil, vocabSize > 2 { config.eosTokenIds = [2] }
    return config
  }
}
