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
    /// The step whose weights are the model, with their held-out loss; nil where the last are kept.
    package var bestStep: Int?
    /// The least held-out loss of all evaluations, in nats a token; nil where the last are kept.
    package var bestNll: Double?
    /// Whether held-out loss had not fallen for long enough; nil where the last are kept.
    package var stoppedEarly: Bool?
    /// The SHA-256 of the trained model's files by name; nil for runs that ended before they were
    /// recorded.
    package var model: [String: String]?
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

extension RunManifest.Result {
  /// The evaluation that chose the model; nil where the last weights are kept.
  package var best: BestEvaluation? {
    guard let bestStep, let bestNll else { return nil }
    return BestEvaluation(step: bestStep, nll: bestNll)
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

/// The machine that a run was made on.
package struct HostFacts: Codable, Sendable, Equatable {
  /// The machine's own name.
  package var name: String
  /// The processor's name.
  package var cpu: String
  /// The logical cores that the process may use.
  package var cores: Int
  /// The memory, in bytes.
  package var memoryBytes: Int
  /// The operating system and its version.
  package var system: String

  /// The facts of this machine.
  package static var current: HostFacts {
    let process = ProcessInfo.processInfo
    return HostFacts(
      name: hostName, cpu: cpuName, cores: process.activeProcessorCount,
      memoryBytes: Int(clamping: process.physicalMemory),
      system: process.operatingSystemVersionString)
  }

  // `ProcessInfo.hostName` asks the network, and may wait for it.
  private static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static var cpuName: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    guard let name = line?.split(separator: ":", maxSplits: 1).last else { return "unknown" }
    return name.trimmingCharacters(in: .whitespaces)
  }
}
