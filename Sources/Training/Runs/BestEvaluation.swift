import Foundation

/// The evaluation of a run with the least held-out loss so far, the first of equals.
///
/// Its weights lie beside the checkpoints that refer to it, sealed as they are, and stay for as long
/// as one of them does: the checkpoint before a damaged one still has its own.
package struct BestEvaluation: Codable, Sendable, Equatable {
  /// The optimizer steps made before it.
  package var step: Int
  /// The held-out loss, in nats a token.
  package var nll: Double
}

extension RunDirectory {
  /// Finds the weights of an evaluation that a checkpoint refers to.
  ///
  /// - Throws: ``CheckpointFault/best(folder:reason:)`` where they are not what was written.
  @discardableResult
  func weights(of best: BestEvaluation) throws -> RunCheckpoint {
    let found = RunCheckpoint.of(best.step, in: RunFiles(folder: path).checkpoints, .best)
    do { try found.requireSound(run: identity) } catch {
      let isMissing = error as? CheckpointFault == .unsealed
      let reason = isMissing ? "it is missing, or its \(CheckpointSeal.name)" : "\(error)"
      throw CheckpointFault.best(
        folder: URL(filePath: found.path).lastPathComponent, reason: reason)
    }
    return found
  }

  /// Removes the best weights of all steps but some.
  func removeBest(except steps: Set<Int>) throws {
    for best in RunCheckpoint.all(in: RunFiles(folder: path).checkpoints, .best)
    where !steps.contains(best.step) {
      try FileManager.default.removeItem(atPath: best.path)
    }
  }
}
