import Models

extension CheckpointError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .notFound, .noConfig, .noWeights, .unreadable: .missingInput
    case .exists: .cannotCreate
    default: .badData
    }
  }
}

extension DecoderConfigError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .badJSON, .duplicateKey: .badData
    default: .badConfig
    }
  }
}

extension NonFiniteLogitsError: ExitStatusError {
  var exitStatus: ExitStatus { .badData }
}

extension SafetensorsError: ExitStatusError {
  var exitStatus: ExitStatus { .badData }
}

extension GGUFError: ExitStatusError {
  var exitStatus: ExitStatus { .badData }
}
