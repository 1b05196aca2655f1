import Base
import Capture
import Foundation
import Training

/// The point where a run's loss was no longer a number: it is not trained further, and ranks last.
/// (`diverged.json`)
///
/// A run diverges again however often it is begun, because each step is a function of its config
/// and its inputs. Without the file it is tried again.
package struct RunDivergence: Codable, Sendable, Equatable {
  /// SHA-256 of everything that it depends on.
  var key: String
  /// The last step whose loss was a number.
  package var step: Int
  /// The loss of the next one.
  package var loss: Double
  /// The norm of its gradient.
  package var gradientNorm: Double
}

/// The message of a process whose run diverges.
package struct DivergenceNews: Codable, Sendable, Equatable {
  /// The loss that was no number, or whose gradient was none.
  package var divergedLoss: Double
  /// The norm of that gradient.
  package var gradientNorm: Double

  /// The news of an error; nil of any other error.
  package init?(_ error: any Error) {
    switch error as? TrainingError {
    case .diverged(let loss, let norm): (divergedLoss, gradientNorm) = (loss, norm)
    case .notFinite: (divergedLoss, gradientNorm) = (.nan, .nan)
    default: return nil
    }
  }
}

extension StudyRun {
  private var divergencePath: String { folder + "/diverged.json" }

  /// Everything that a divergence depends on; how often a run is saved is no part of it.
  private var divergenceKey: String {
    var config = config
    config.output = ""
    config.training.saveSteps = nil
    config.training.loggingSteps = 1
    config.training.maxSeconds = nil
    let inputs = fingerprints.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return Digest(of: ["diverged 1", config.yaml] + inputs).hexadecimal
  }

  /// The point where the run diverged, if it did.
  var divergence: RunDivergence? {
    guard let bytes = try? OpenedFile(reading: divergencePath).readAll(),
      let found = try? JSONDecoder.ofRuns.decode(RunDivergence.self, from: Data(bytes)),
      found.key == divergenceKey
    else { return nil }
    return found
  }

  /// Keeps that the run diverged after a step; returns that in words.
  func record(_ news: DivergenceNews, after step: Int) throws -> String {
    let divergence = RunDivergence(
      key: divergenceKey, step: step, loss: news.divergedLoss, gradientNorm: news.gradientNorm)
    try AtomicFile.write(
      try JSONEncoder.ofRuns.line(divergence), to: divergencePath)
    return "training diverged after step \(step): loss \(news.divergedLoss), gradient norm "
      + "\(news.gradientNorm); the other runs go on"
  }
}
