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
