import Foundation

/// The model that a path means.
package struct RunModel: Sendable, Equatable {
  /// The folder or file of the model.
  package var path: String
  /// Newer checkpoints of an unfinished run that are damaged, and why.
  package var skipped: [SkippedCheckpoint] = []
}

extension RunDirectory {
  /// The model that a path means: of a run directory its trained one, or as long as there is none
  /// its newest sound checkpoint; any other path itself.
  ///
  /// - Throws: `RunError.corrupt` where the model is not the one that the run wrote, or no
  ///   checkpoint is sound.
  package static func model(_ path: String) throws -> RunModel {
    let files = RunFiles(folder: path)
    guard FileManager.default.fileExists(atPath: files.manifest) else {
      return RunModel(path: path)
    }
    if FileManager.default.fileExists(atPath: files.model) {
      try requireSameModel(RunManifest.read(files.manifest), files)
      return RunModel(path: files.model)
    }
    var skipped: [SkippedCheckpoint] = []
    for checkpoint in RunCheckpoint.all(in: files.checkpoints).reversed() {
      do {
        try checkpoint.requireSoundModel()
        return RunModel(path: checkpoint.path + "/model", skipped: skipped)
      } catch { skipped.append(SkippedCheckpoint(checkpoint: checkpoint, reason: "\(error)")) }
    }
    guard let damaged = skipped.first else { return RunModel(path: path) }
    throw RunError.corrupt(path: damaged.checkpoint.path, reason: damaged.reason)
  }

  /// The path of the model that a path means, as ``model(_:)`` finds it.
  package static func modelPath(_ path: String) throws -> String { try model(path).path }

  /// Checks that a finished run's model is the one that it wrote; earlier versions kept no hashes.
  ///
  /// - Throws: `RunError.changedModel`.
  static func requireSameModel(_ manifest: RunManifest, _ files: RunFiles) throws {
    guard let expected = manifest.result?.model else { return }
    let found = (try? FileHashes.of(files.model)) ?? [:]
    for (file, hash) in expected.sorted(by: { $0.key < $1.key }) where found[file] != hash {
      throw RunError.changedModel(path: files.model, file: file, isMissing: found[file] == nil)
    }
  }
}

extension SkippedCheckpoint {
  /// The skipped checkpoint and the reason, on one line.
  package var note: String {
    "skipped \(checkpoint.path): \(reason); going on from an older checkpoint"
  }
}
