import Files

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
