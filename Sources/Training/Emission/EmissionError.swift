package import Base

/// The reason why a training cannot write the cache that it was asked for.
package enum EmissionError: Error, Equatable, CustomStringConvertible {
  /// The folder of the cache holds something already.
  case occupied(path: String, found: String)
  /// The folder of the cache would lie in the run's.
  case insideRun(path: String, run: String)
  /// No tokenizer says what the tokens mean.
  case noTokenizer(path: String)

  /// One line: what, where, what to do.
  package var description: String {
    switch self {
    case .occupied(let path, let found):
      "\(path): holds \(found); emit_cache needs a folder that is empty or not there yet"
    case .insideRun(let path, let run):
      "\(path): lies in the run's folder \(run); emit_cache needs a folder of its own"
    case .noTokenizer(let path):
      "\(path): cannot be written without a tokenizer; name a tokenizer.json with tokenizer"
    }
  }
}

extension EmissionError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .occupied, .insideRun: .cannotCreate
    case .noTokenizer: .badConfig
    }
  }
}
