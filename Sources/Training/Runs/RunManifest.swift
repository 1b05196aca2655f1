import Base
package import Foundation

/// The facts of a run: what it was made with, and its result. (`run.json`)
package struct RunManifest: Codable, Sendable, Equatable {
  /// The result of a run.
  package struct Result: Codable, Sendable, Equatable {
    /// The optimizer steps that were made.
    package var steps: Int
    /// The predictions that were trained on.
    package var tokens: Int
    /// The seconds of training, over all the processes that worked on the run.
    package var seconds: Double
    /// The loss of the last step, in nats a token.
    package var finalLoss: Double
    /// The steps in which nothing counted, so that nothing was updated; nil where there were none.
    package var skippedSteps: Int?
    /// The SHA-256 of the trained model's files by name; nil for runs that ended before they were
    /// recorded.
    package var model: [String: String]?

    /// A result from its parts.
    package init(steps: Int, tokens: Int, seconds: Double, finalLoss: Double) {
      self.steps = steps
      self.tokens = tokens
      self.seconds = seconds
      self.finalLoss = finalLoss
    }
  }

  /// The tool's version.
  package var version: String
  /// The command line that began the run.
  package var command: [String]
  /// The time at which the run began, in UTC.
  package var created: String
  /// The seed of everything drawn.
  package var seed: Int
  /// The SHA-256 of the inputs by name: cache, teacher, tokenizer, data.
  package var fingerprints: [String: String]
  /// The order in which it visits its data; nil for runs begun before it was recorded.
  package var dataOrder: String?
  /// The machine that began the run.
  package var host: HostFacts
  /// The run's result; nil until it has ended.
  package var result: Result?

  /// The manifest of a run that begins now, on this machine.
  package init(version: String, command: [String], seed: Int, fingerprints: [String: String]) {
    self.version = version
    self.command = command
    created = Date.now.ISO8601Format()
    self.seed = seed
    self.fingerprints = fingerprints
    dataOrder = DataOrder.algorithm
    host = .current
  }
}

extension RunManifest {
  package static func read(_ path: String) throws -> RunManifest {
    guard FileKind(of: path) != nil else { throw RunError.missing(path: path) }
    let bytes = try OpenedFile(reading: path).readAll()
    do {
      return try JSONDecoder.ofRuns.decode(RunManifest.self, from: Data(bytes))
    } catch {
      throw RunError.damagedManifest(path: path)
    }
  }

  func write(_ path: String) throws {
    let encoder = JSONEncoder.ofRuns
    encoder.outputFormatting.insert(.prettyPrinted)
    try AtomicFile.write(try encoder.line(self), to: path)
  }
}

extension JSONEncoder {
  /// A value as one line of JSON, its end included.
  package func line(_ value: some Encodable) throws -> Data {
    try encode(value) + Data("\n".utf8)
  }

  /// The encoder of runs: sorted snake-case keys; numbers that JSON lacks become texts.
  package static var ofRuns: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}

extension JSONDecoder {
  /// The decoder that reads what `JSONEncoder.ofRuns` writes.
  package static var ofRuns: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
