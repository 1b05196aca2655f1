import Base
import Capture
import Foundation
package import Models
import Shards
package import Training

/// The model that a plan is about, from whatever describes it, with the run around it if any.
package struct PlannedModel: Sendable {
  /// The model's shape.
  package var shape: ModelShape
  /// The run that trains it; nil for a model alone.
  package var run: RunConfig?
  /// The predictions of a training sequence: the run's or its cache's, or what `cache build` makes
  /// where the cache is not there yet; nil for a model alone.
  package var sequenceLength: Int?

  /// The model of a YAML config, a `config.json`, a checkpoint or a run directory.
  ///
  /// A YAML file with a `training` section is a run's, and is read with its overrides as the
  /// command that trains would; one without needs a `model` section alone. Nothing that it names
  /// has to be there, but for the checkpoint that gives the shape where no `model` does.
  ///
  /// - Parameters:
  ///   - path: The file or the folder.
  ///   - overrides: `a.b=value` arguments for a YAML config.
  ///   - planned: The predictions of a sequence of a cache that is planned beside it.
  /// - Throws: `ConfigError`, `DecoderConfigError`, `CheckpointError` or `GGUFError`.
  package init(path: String, overrides: [String] = [], sequenceLength planned: Int? = nil) throws {
    guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else {
      shape = try ModelShape(contentsOf: try RunDirectory.modelPath(path))
      return
    }
    let root = try ConfigNode.read(file: path).applying(overrides)
    let entries = try root.entries()
    guard entries.contains(where: { $0.key == RunConfig.Key.training.rawValue }) else {
      let model = entries.first { $0.key == RunConfig.Key.model.rawValue }
      guard let model else { throw ConfigError.missingKey(root.place, key: "model", section: "") }
      shape = try Self.shape(try ModelConfig(model.value))
      return
    }
    let run = try RunConfig(root)
    self.run = run
    shape = try run.model.map { try Self.shape($0) } ?? Self.shape(of: run)
    sequenceLength = run.data?.sequenceLength ?? planned ?? Self.cachedLength(of: run) ?? 512
  }

  private static func shape(_ model: ModelConfig) throws -> ModelShape {
    try ModelShape(hugging: model.values, source: "\(model.place)")
  }

  /// The shape that comes with the run's first weights.
  private static func shape(of run: RunConfig) throws -> ModelShape {
    guard let initialize = run.initialize else { throw PreparationError.noModel }
    var path = initialize.from
    if initialize.isFromTeacher, let teacher = run.teacher {
      path = try RunDirectory.modelPath(teacher)
    } else if initialize.isFromTeacher, let cache = run.cachePath {
      path = try CacheReader(directory: URL(filePath: cache)).manifest.capture.teacher.name
    }
    let whole = try ModelShape(contentsOf: try RunDirectory.modelPath(path))
    return initialize.layers.map { ModelShape(decoder: whole.decoder.taking(layers: $0)) } ?? whole
  }

  /// The sequence length of the run's cache, if the cache is there.
  private static func cachedLength(of run: RunConfig) -> Int? {
    guard let path = run.cachePath else { return nil }
    return (try? CacheReader(directory: URL(filePath: path)))?.manifest.capture.sequenceLength
  }
}
