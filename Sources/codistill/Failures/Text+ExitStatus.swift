import Text

extension TokenizerError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .unreadable, .noTokenizer: .missingInput
    case .vocabularyTooSmall: .usage
    default: .badData
    }
  }
}

extension RoleConflict: ExitStatusError {
  var exitStatus: ExitStatus { .badConfig }
}

extension DocumentError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .missing, .unreadable: .missingInput
    case .heldOutFraction, .notPositive: .usage
    default: .badData
    }
  }
}

extension ScoredTextError: ExitStatusError {
  var exitStatus: ExitStatus { .badData }
}
