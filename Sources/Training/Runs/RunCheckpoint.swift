import Base
import Foundation

/// A checkpoint of a run.
package struct RunCheckpoint: Sendable, Equatable {
  /// The kinds of checkpoints, by the beginnings of their folders' names.
  package enum Kind: String, Sendable {
    /// All that going on takes: weights, moments, state.
    case whole = "step-"
    /// The weights alone, of the best evaluation so far.
    case best = "best-"
  }

  /// The optimizer steps made before it was written.
  package var step: Int
  /// Its folder.
  package var path: String

  /// The complete checkpoints of a kind in a folder, oldest first.
  package static func all(in folder: String, _ kind: Kind = .whole) -> [RunCheckpoint] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix(kind.rawValue), let step = Int(name.dropFirst(5)), step >= 0 else {
        return nil
      }
      return RunCheckpoint(step: step, path: folder + "/" + name)
    }.sorted { $0.step < $1.step }
  }

  /// The checkpoint of a step in a folder, be it there or not.
  package static func of(_ step: Int, in folder: String, _ kind: Kind = .whole) -> RunCheckpoint {
    let digits = String(step)
    let zeros = String(repeating: "0", count: max(0, 6 - digits.count))
    return RunCheckpoint(step: step, path: folder + "/" + kind.rawValue + zeros + digits)
  }

  /// Checks that all files are as they were written.
  ///
  /// - Parameters:
  ///   - run: The identity of the run that it must be of; nil takes any.
  ///   - lastStep: The last step that the run has.
  /// - Throws: ``CheckpointFault``, or why a file cannot be read.
  package func requireSound(run: String?, lastStep: Int = .max) throws {
    let seal = try CheckpointSeal.read(in: path)
    try seal.check(path)
    if let run, seal.run != run { throw CheckpointFault.otherRun }
    guard seal.step == step, step <= lastStep else {
      throw CheckpointFault.step(found: seal.step, last: lastStep)
    }
  }

  /// Checks the model alone, for readers of nothing else; a checkpoint without a seal passes.
  func requireSoundModel() throws {
    let seal: CheckpointSeal
    do { seal = try CheckpointSeal.read(in: path) } catch .unsealed { return }
    guard seal.step == step else { throw CheckpointFault.step(found: seal.step, last: step) }
    try seal.check(path, below: "model/")
  }
}

/// A checkpoint that cannot be used, and why.
package struct SkippedCheckpoint: Sendable, Equatable {
  /// The checkpoint.
  package var checkpoint: RunCheckpoint
  /// The reason why it was passed over, on one line.
  package var reason: String

  /// The skipped checkpoint and the reason, on one line.
  package var note: String {
    "skipped \(checkpoint.path): \(reason); going on from an older checkpoint"
  }
}

extension [RunCheckpoint] {
  /// The newest that passes a check, of those that are given oldest first, and the newer ones that
  /// do not.
  fileprivate func newest(
    passing check: (RunCheckpoint) throws -> Void
  ) -> (checkpoint: RunCheckpoint?, skipped: [SkippedCheckpoint]) {
    var skipped: [SkippedCheckpoint] = []
    for checkpoint in reversed() {
      do {
        try check(checkpoint)
        return (checkpoint, skipped)
      } catch { skipped.append(SkippedCheckpoint(checkpoint: checkpoint, reason: "\(error)")) }
    }
    return (nil, skipped)
  }
}

extension RunDirectory {
  /// Writes the checkpoint of a step, whole or not at all; the body fills the folder it is given.
  @discardableResult
  package func writeCheckpoint(
    step: Int, _ kind: RunCheckpoint.Kind = .whole, _ body: (String) throws -> Void
  ) throws -> RunCheckpoint {
    let checkpoint = RunCheckpoint.of(step, in: RunFiles(folder: path).checkpoints, kind)
    try AtomicFolder.write(to: checkpoint.path) { [identity] folder in
      try body(folder)
      try CheckpointSeal.write(run: identity, step: step, in: folder)
    }
    return checkpoint
  }

  /// The complete checkpoints, oldest first.
  package var checkpoints: [RunCheckpoint] {
    RunCheckpoint.all(in: RunFiles(folder: path).checkpoints)
  }

  /// The newest checkpoint that is whole, of this run, of one of its steps, and passes a check; and
  /// those newer ones that do not.
  package func latestCheckpoint(
    lastStep: Int = .max, validate: (RunCheckpoint) throws -> Void
  ) -> (checkpoint: RunCheckpoint?, skipped: [SkippedCheckpoint]) {
    checkpoints.newest {
      try $0.requireSound(run: identity, lastStep: lastStep)
      try validate($0)
    }
  }

  /// Removes all but the newest checkpoints up to a step.
  ///
  /// Later ones were not made on the run's way there: nothing is removed for their sake.
  package func removeCheckpoints(upTo step: Int, keeping count: Int) throws {
    for checkpoint in checkpoints.filter({ $0.step <= step }).dropLast(count) {
      try FileManager.default.removeItem(atPath: checkpoint.path)
    }
  }
}

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
    let (sound, skipped) = RunCheckpoint.all(in: files.checkpoints).newest {
      try $0.requireSoundModel()
    }
    if let sound { return RunModel(path: sound.path + "/model", skipped: skipped) }
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
