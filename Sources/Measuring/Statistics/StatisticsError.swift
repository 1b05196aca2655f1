package import Base

/// Why runs cannot be compared.
package enum StatisticsError: Error, Equatable, CustomStringConvertible {
  /// Two runs were scored on different text.
  case differentDocuments(run: String, other: String)
  /// Two arms have the same name.
  case repeatedArm(name: String)
  /// A run was scored on no predictions.
  case noPredictions(run: String)

  /// One line: which runs, and what to do.
  package var description: String {
    switch self {
    case .differentDocuments(let run, let other):
      "\(run) and \(other) were scored on different documents; score both on the same held-out data"
    case .repeatedArm(let name): "two arms are named '\(name)'; give each a name of its own"
    case .noPredictions(let run):
      "\(run) was scored on no predictions; give held-out text whose predictions count"
    }
  }
}

extension StatisticsError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}
