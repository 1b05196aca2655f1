import Foundation

/// The protocol between `bench.py` and the programs that it measures.
enum StepServer {
  /// Warms up, announces the facts, then answers every `step` until `quit` or the end of input.
  ///
  /// In the steps before the first that counts pools fill, pages are touched and threads start.
  ///
  /// - Throws: what a step throws, or ``BenchError/unknownRequest(_:)``.
  static func serve(
    _ facts: some Encodable, warmUp: Int = 2, step: () throws -> some Encodable
  ) throws {
    for _ in 0..<warmUp { _ = try step() }
    try answer(facts)
    while let request = readLine() {
      switch request {
      case "step": try answer(step())
      case "quit": return
      default: throw BenchError.unknownRequest(request)
      }
    }
  }

  private static func answer(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = .sortedKeys
    try FileHandle.standardOutput.write(contentsOf: encoder.encode(value) + Data("\n".utf8))
  }
}

/// What goes wrong in the bench's own part.
enum BenchError: Error, CustomStringConvertible {
  /// A line on standard input that is no request.
  case unknownRequest(String)
  /// The data give fewer sequences than a step takes.
  case tooFewSequences(path: String, found: Int, needed: Int)
  /// The teacher carries no tokenizer.
  case noTokenizer(path: String)
  /// No sequence came, so that there is no cache to measure.
  case noCache

  var description: String {
    switch self {
    case .unknownRequest(let line): "standard input: found '\(line)'; requests are step and quit"
    case .tooFewSequences(let path, let found, let needed):
      "\(path): gives \(found) sequences where a step takes \(needed); name a longer text"
    case .noTokenizer(let path): "\(path): carries no tokenizer; name a GGUF file"
    case .noCache: "no sequence was captured; name a longer text"
    }
  }
}
