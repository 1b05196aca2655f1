package import Base

/// The reason why an event file could not be written.
package enum TensorBoardError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file cannot be made.
  case cannotCreate(path: String, reason: String)
  /// The file cannot be written on.
  case cannotWrite(path: String, reason: String)

  /// The file, what was wrong with it, and what to do.
  package var description: String {
    switch self {
    case .cannotCreate(let path, let reason):
      "\(path): cannot make an event file (\(reason)); choose a folder that can be written to"
    case .cannotWrite(let path, let reason):
      "\(path): cannot write events (\(reason)); free some space, or go on without TensorBoard"
    }
  }
}

extension TensorBoardError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .cannotCreate: .cannotCreate
    case .cannotWrite: .inputOutput
    }
  }
}
