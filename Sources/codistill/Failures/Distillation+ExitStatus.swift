import Distillation

extension ConfigError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .missingFile, .unreadableFile: .missingInput
    default: .badConfig
    }
  }
}

extension RunError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .locked: .tryAgain
    case .missing: .missingInput
    case .notARun, .cannotCreate: .cannotCreate
    case .differentConfig: .badConfig
    case .differentInput, .corrupt: .badData
    case .cannotWrite, .diskFull: .inputOutput
    }
  }
}
