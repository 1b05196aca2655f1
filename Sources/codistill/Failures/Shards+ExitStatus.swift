import Shards

extension ShardError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .missing: .missingInput
    case .invalidSetting, .noSuchSequence: .usage
    case .notACache: .cannotCreate
    case .locked, .unfinished, .unitsMissing: .tryAgain
    case .captureMismatch: .badConfig
    case .system(_, let operation, _):
      operation.hasPrefix("create") ? .cannotCreate : .inputOutput
    case .diskFull: .inputOutput
    default: .badData
    }
  }
}
