import Base
import Reports

extension FileError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .missing, .unreadable: .missingInput
    case .pointer: .badData
    case .interrupted: .tryAgain
    case .uncreatable: .cannotCreate
    case .unwritable, .full: .inputOutput
    }
  }
}

extension TensorBoardError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .cannotCreate: .cannotCreate
    case .cannotWrite: .inputOutput
    }
  }
}
