import Files
import Foundation

/// A checkpoint of a run.
public struct RunCheckpoint: Sendable, Equatable {
  /// The optimizer steps made before it was written.
  public var step: Int
  /// Its folder.
  public var path: String
}

extension RunCheckpoint {
  /// The complete checkpoints in a folder, oldest first.
  static func all(in folder: String) -> [RunCheckpoint] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0 else {
        return nil
      }
      return RunCheckpoint(step: step, path: folder + "/" + name)
    }.sorted { $0.step < $1.step }
  }
}

/// A checkpoint that cannot be used, and why.
public struct SkippedCheckpoint: Sendable, Equatable {
  /// The checkpoint.
  public var checkpoint: RunCheckpoint
  /// Why it was passed over, on one line.
  public var reason: String
}

extension RunDirectory {
  /// Writes the checkpoint of a step, whole or not at all; the body fills the folder it is given.
  @discardableResult
  public func writeCheckpoint(
    step: Int, _ body: (String) throws -> Void
  ) throws -> RunCheckpoint {
    let digits = String(step)
    let name = "step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    let path = RunFiles(folder: path).checkpoints + "/" + name
    try AtomicFolder.write(to: path, body)
    return RunCheckpoint(step: step, path: path)
  }

  /// The complete checkpoints, oldest first.
  public var checkpoints: [RunCheckpoint] {
    RunCheckpoint.all(in: RunFiles(folder: path).checkpoints)
  }

  /// The newest checkpoint that passes a check, and those newer ones that do not.
  public func latestCheckpoint(
    validate: (RunCheckpoint) throws -> Void
  ) -> (checkpoint: RunCheckpoint?, skipped: [SkippedCheckpoint]) {
    var skipped: [SkippedCheckpoint] = []
    for checkpoint in checkpoints.reversed() {
      do {
        try validate(checkpoint)
        return (checkpoint, skipped)
      } catch {
        skipped.append(SkippedCheckpoint(checkpoint: checkpoint, reason: "\(error)"))
      }
    }
    return (nil, skipped)
  }

  /// Removes all but the newest checkpoints.
  public func removeCheckpoints(keeping count: Int) throws {
    for checkpoint in checkpoints.dropLast(count) {
      try FileManager.default.removeItem(atPath: checkpoint.path)
    }
  }
}
