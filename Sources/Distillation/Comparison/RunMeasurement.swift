import Files
import Foundation

/// How a prompt goes on, in a student's words.
public struct TextSample: Codable, Sendable, Equatable {
  /// The beginning.
  public var prompt: String
  /// The beginning with the greedy continuation.
  public var text: String
}

/// What was measured of a model, kept so that it is measured once. (`measured.json`)
public struct RunMeasurement: Codable, Sendable, Equatable {
  /// SHA-256 of everything that the figures depend on.
  var key: String
  /// Where the training stood.
  public var state: TrainingState
  /// The figures on held-out text.
  public var evaluation: EvaluationReport
  /// The continuations of the prompts.
  public var samples: [TextSample]

  /// The measurement in a file, if there is one of this key.
  static func read(_ path: String, key: String) -> RunMeasurement? {
    guard let bytes = try? OpenedFile(reading: path).readAll(),
      let found = try? JSONDecoder.ofRuns.decode(RunMeasurement.self, from: Data(bytes)),
      found.key == key
    else { return nil }
    return found
  }

  /// Keeps the measurement.
  func write(_ path: String) throws {
    try AtomicFile.write(try JSONEncoder.ofRuns.encode(self) + Data("\n".utf8), to: path)
  }
}
