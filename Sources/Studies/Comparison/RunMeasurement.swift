import Base
import Foundation
package import Measuring
package import Training

/// A student's continuation of a prompt.
package struct TextSample: Codable, Sendable, Equatable {
  /// The beginning.
  package var prompt: String
  /// The beginning with the greedy continuation.
  package var text: String
}

/// The measurements of a model, kept so that they are made once. (`measured.json`)
package struct RunMeasurement: Codable, Sendable, Equatable {
  /// SHA-256 of everything that the figures depend on.
  var key: String
  /// The state of the training.
  package var state: TrainingState
  /// The figures on held-out text.
  package var evaluation: EvaluationReport
  /// The continuations of the prompts.
  package var samples: [TextSample]

  /// SHA-256 of all the others, in a file: figures that were changed there are measured again.
  private var seal: String?

  /// A measurement of a model.
  init(
    key: String, state: TrainingState, evaluation: EvaluationReport, samples: [TextSample]
  ) {
    self.key = key
    self.state = state
    self.evaluation = evaluation
    self.samples = samples
  }

  /// The measurement in a file, if there is a whole one of this key.
  static func read(_ path: String, key: String) -> RunMeasurement? {
    guard let bytes = try? OpenedFile(reading: path).readAll(),
      var found = try? JSONDecoder.ofRuns.decode(RunMeasurement.self, from: Data(bytes)),
      found.key == key, let seal = found.seal
    else { return nil }
    found.seal = nil
    return (try? found.computedSeal()) == seal ? found : nil
  }

  /// Keeps the measurement.
  func write(_ path: String) throws {
    var sealed = self
    sealed.seal = try computedSeal()
    try AtomicFile.write(try JSONEncoder.ofRuns.line(sealed), to: path)
  }

  private func computedSeal() throws -> String {
    Digest(of: [String(decoding: try JSONEncoder.ofRuns.encode(self), as: UTF8.self)]).hexadecimal
  }
}
