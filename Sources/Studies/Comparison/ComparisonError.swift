package import Base
package import Training

/// An error that concerns a comparison as a whole.
package enum ComparisonError: Error, CustomStringConvertible {
  /// An arm cannot be trained, for a reason of its own.
  case arm(name: String, reason: any Error)
  /// A run's folder holds another run.
  case otherRun(name: String, path: String, reason: RunError)
  /// A run's training failed in this process.
  case run(name: String, reason: any Error)
  /// A process that trained a run failed, with its one line about it and its exit code.
  case worker(run: String, message: String, status: Int32)
  /// A process cannot be started.
  case cannotStart(reason: String)

  /// One line: which arm, what is wrong, and the remedy.
  public var description: String {
    switch self {
    case .arm(let name, let reason): "arm '\(name)': \(reason)"
    case .run(let name, let reason): "run '\(name)': \(reason)"
    case .otherRun(let name, let path, .differentConfig(_, let line)):
      "run '\(name)': \(path) holds a run with another config (its own differs at '\(line)'); "
        + "remove that folder to train it anew, rename the arm, or choose another output"
    case .otherRun(let name, _, let reason): "run '\(name)': \(reason)"
    case .worker(let run, let message, _): "run '\(run)': \(message)"
    case .cannotStart(let reason): "cannot start a process for a run: \(reason); use --jobs 1"
    }
  }
}

extension ComparisonError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .arm(_, let reason), .run(_, let reason): Self.status(of: reason)
    case .otherRun(_, _, let reason): reason.exitStatus
    // A process that was killed leaves a run that goes on later.
    case .worker(_, _, let status):
      status < 0 ? .tryAgain : ExitStatus(rawValue: status) ?? .internalError
    case .cannotStart: .willNotFit
    }
  }

  private static func status(of reason: any Error) -> ExitStatus {
    (reason as? any ExitStatusError)?.exitStatus ?? .inputOutput
  }
}
