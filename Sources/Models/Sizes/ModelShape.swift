package import Base
import Foundation

/// A whole model as its config describes it: the decoder, and the vision tower where there is one.
package struct ModelShape: Sendable, Equatable {
  /// The decoder, all that is ever loaded.
  package var decoder: DecoderConfig
  /// The vision tower, which is only counted.
  package var vision: VisionConfig?

  /// A shape from its parts.
  package init(decoder: DecoderConfig, vision: VisionConfig? = nil) {
    self.decoder = decoder
    self.vision = vision
  }

  /// The model that a Hugging Face config describes; a flat one may have a `vision_config`, too.
  ///
  /// - Throws: `DecoderConfigError`.
  package init(hugging: [String: JSONValue], source: String) throws(DecoderConfigError) {
    decoder = try DecoderConfig(hugging: hugging, source: source)
    let reader = ConfigReader(file: source, members: hugging)
    vision = try reader.object("vision_config").map { section throws(DecoderConfigError) in
      try VisionConfig(section)
    }
  }

  /// The model of a `config.json`, of a folder with one, or of a `.gguf` file.
  ///
  /// Weights are neither needed nor read. Throws: `CheckpointError`, `DecoderConfigError` or
  /// `GGUFError`.
  package init(contentsOf path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CheckpointError.notFound(path: path)
    }
    guard isFolder.boolValue || path.hasSuffix(".json") else {
      self.init(decoder: try Checkpoint.open(path).config)
      return
    }
    let file = isFolder.boolValue ? path + "/config.json" : path
    guard FileManager.default.fileExists(atPath: file) else {
      throw CheckpointError.noConfig(folder: path)
    }
    try self.init(hugging: try DecoderConfig.members(of: file), source: file)
  }

  /// All parameters, by part.
  package var parameters: ParameterCounts { ParameterCounts(decoder, vision: vision) }
  /// The parameters that one text token uses, by part.
  package var activeParameters: ParameterCounts { ParameterCounts(active: decoder) }
}
