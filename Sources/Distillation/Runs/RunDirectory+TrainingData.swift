import Foundation

extension RunDirectory {
  /// What the run trains on that a model is of: its folder, or a model inside it.
  ///
  /// - Returns: nil where the model is of no run.
  /// - Throws: the errors of what the run's config names: it may have moved since.
  public static func trainingData(ofModel path: String) throws -> TrainingData? {
    guard let folder = folder(ofModel: path) else { return nil }
    let root = try ConfigNode.read(file: RunFiles(folder: folder).config)
    let config = try (try? RunConfig(root, kind: .distill)) ?? RunConfig(root, kind: .pretrain)
    return try RunInputs(config).trainingData().data
  }

  /// The run's folder of a path that is it, its `model` or the model of one of its checkpoints.
  private static func folder(ofModel path: String) -> String? {
    var folder = URL(filePath: path).standardizedFileURL
    if folder.lastPathComponent.hasSuffix(".safetensors") { folder.deleteLastPathComponent() }
    if folder.lastPathComponent == "model" {
      folder.deleteLastPathComponent()
      let above = folder.deletingLastPathComponent()
      if above.lastPathComponent == "checkpoints" { folder = above.deletingLastPathComponent() }
    }
    let isRun = FileManager.default.fileExists(atPath: RunFiles(folder: folder.path).manifest)
    return isRun ? folder.path : nil
  }
}
