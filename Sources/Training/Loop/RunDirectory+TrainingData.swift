import Base
package import Capture
import Foundation

extension RunDirectory {
  /// Returns the texts that the run of a model trained on, and those of the runs before it that its
  /// first weights are from.
  ///
  /// - Returns: none where the model is of no run.
  /// - Throws: ``PreparationError/changedData(path:)`` and the errors of what a run's config names:
  ///   it may have moved since.
  package static func trainedTexts(ofModel path: String) throws -> [TrainedText] {
    try trainedTexts(ofModel: path, seen: [])
  }

  /// The same but for runs that were seen already: a run that was made anew may lie where its own
  /// first weights were, so that folders name one another in a circle.
  private static func trainedTexts(
    ofModel path: String, seen: Set<String>
  ) throws -> [TrainedText] {
    guard let folder = folder(ofModel: path), !seen.contains(folder) else { return [] }
    let files = RunFiles(folder: folder)
    let root = try ConfigNode.read(file: files.config)
    let config = try (try? RunConfig(root, kind: .distill)) ?? RunConfig(root, kind: .pretrain)
    let inputs = try RunInputs(config)
    let sequences = try inputs.trainingData()
    let known = try RunManifest.read(files.manifest).fingerprints
    guard known["data"] == sequences.fingerprint, known["cached data"] == sequences.cached else {
      throw PreparationError.changedData(path: folder)
    }
    let own = TrainedText(data: sequences.data, tokenizer: inputs.tokenizer)
    guard let before = inputs.sourcePath else { return [own] }
    return try [own] + trainedTexts(ofModel: before, seen: seen.union([folder]))
  }

  /// The run's folder of a path that is it, its `model` or the model of one of its checkpoints.
  private static func folder(ofModel path: String) -> String? {
    func isRun(_ folder: URL) -> Bool {
      FileManager.default.fileExists(atPath: RunFiles(folder: folder.path).manifest)
    }
    var folder = URL(filePath: path).resolvingSymlinksInPath()
    if isRun(folder) { return folder.path }
    if folder.lastPathComponent.hasSuffix(".safetensors") { folder.deleteLastPathComponent() }
    guard folder.lastPathComponent == "model" else { return nil }
    folder.deleteLastPathComponent()
    let above = folder.deletingLastPathComponent()
    if above.lastPathComponent == "checkpoints" { folder = above.deletingLastPathComponent() }
    return isRun(folder) ? folder.path : nil
  }
}
