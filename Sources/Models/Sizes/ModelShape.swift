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

/// The shape of the vision tower of a multimodal Llama 4, for counting; nothing here runs it.
///
/// Names are those of `vision_config` (docs/llama4.md §1.3), camel-cased.
package struct VisionConfig: Sendable, Equatable {
  /// The width of the tower.
  package var hiddenSize: Int
  /// The width of its feed-forwards, and of the adapter's input.
  package var intermediateSize: Int
  /// The number of its layers.
  package var numHiddenLayers: Int
  /// The pixels along a side of an image tile.
  package var imageSize: Int
  /// The pixels along a side of a patch.
  package var patchSize: Int
  /// The colours of a pixel.
  package var numChannels: Int
  /// The width inside the adapter.
  package var projectorInputDim: Int
  /// The width that the adapter gives.
  package var projectorOutputDim: Int
  /// The width that the multimodal projector takes.
  package var visionOutputDim: Int

  /// The patches of a tile, without the class token.
  package var patchCount: Int { (imageSize / patchSize) * (imageSize / patchSize) }

  /// The parameters of the tower and of its adapter (docs/llama4.md §5).
  package var towerParameterCount: Int {
    let D = hiddenSize
    // Patches, the class token, a position for each of both, and the norms before and after.
    let ends = D * numChannels * patchSize * patchSize + D + (patchCount + 1) * D + 4 * D
    let attention = 4 * (D * D + D)
    let feedForward = 2 * D * intermediateSize + intermediateSize + D
    let adapter = projectorInputDim * (intermediateSize + projectorOutputDim)
    return ends + numHiddenLayers * (attention + feedForward + 4 * D) + adapter
  }

  /// The parameters of the projector into a decoder of this width (docs/llama4.md §5).
  package func projectorParameterCount(width: Int) -> Int { visionOutputDim * width }
}

extension VisionConfig {
  /// The tower that a `vision_config` describes, with the defaults of transformers.
  init(_ reader: ConfigReader) throws(DecoderConfigError) {
    let sizes = 1...65_536
    hiddenSize = try reader.int("hidden_size", in: sizes) ?? 768
    intermediateSize = try reader.int("intermediate_size", in: sizes) ?? 5632
    numHiddenLayers = try reader.int("num_hidden_layers", in: 1...10_000) ?? 34
    imageSize = try reader.int("image_size", in: sizes) ?? 448
    patchSize = try reader.int("patch_size", in: sizes) ?? 14
    numChannels = try reader.int("num_channels", in: 1...64) ?? 3
    projectorInputDim = try reader.int("projector_input_dim", in: sizes) ?? 4096
    projectorOutputDim = try reader.int("projector_output_dim", in: sizes) ?? 4096
    visionOutputDim = try reader.int("vision_output_dim", in: sizes) ?? 7680
    guard imageSize % patchSize == 0 else {
      throw reader.invalid("patch_size", "is \(patchSize), which does not divide \(imageSize)")
    }
  }
}
