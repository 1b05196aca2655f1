package import Base

/// An error of a run's folder, one case a cause.
package enum RunError: Error, Sendable, Equatable {
  /// Another process works in the folder now.
  case locked(path: String)
  /// The folder holds something else than a run.
  case notARun(path: String)
  /// There is no run at the path.
  case missing(path: String)
  /// The folder holds a run with another config.
  case differentConfig(path: String, line: String)
  /// An input of the run is no longer what it was when the run began.
  case differentInput(path: String, name: String, expected: String, found: String)
  /// The run began with a version that visits the data in another order.
  case differentOrder(path: String, version: String)
  /// A file of the run is not as it should be.
  case corrupt(path: String, reason: String)
  /// The manifest of a run cannot be read.
  case damagedManifest(path: String)
  /// The folder has no manifest, and checkpoints that are not, or cannot be told to be, of this
  /// run.
  case foreignCheckpoints(path: String)
  /// A finished run's model is not the one that it wrote.
  case changedModel(path: String, file: String, isMissing: Bool)
}

extension RunError: CustomStringConvertible {
  /// One line: the path, what was found, and the remedy.
  package var description: String {
    switch self {
    case .locked(let path):
      "\(path): another process is working on this run; wait for it, or choose another output"
    case .notARun(let path):
      "\(path): this folder is not empty and holds no run; choose another output"
    case .missing(let path):
      "\(path): no run here; check the path"
    case .differentConfig(let path, let line):
      "\(path): holds a run with another config (its own differs at '\(line)'); "
        + "choose another output, or remove the folder"
    case .differentInput(let path, let name, let expected, let found):
      "\(path): not the \(name) that the run began with (\(expected.prefix(12)), now "
        + "\(found.prefix(12))); restore what was there, or choose another output"
    case .differentOrder(let path, let version):
      "\(path): the unfinished run was begun by an earlier codistill (\(version)), which visits "
        + "the data in another order; finish it with that one, or choose another output"
    case .corrupt(let path, let reason):
      "\(path): damaged: \(reason); restore it, or start the run anew"
    case .damagedManifest(let path):
      "\(path): damaged: not the manifest of a run; restore it, or remove it: the same command then "
        + "goes on from the run's checkpoints"
    case .foreignCheckpoints(let path):
      "\(path): has no run.json, and its checkpoints are not of a run with this config and these "
        + "inputs; give the config that they were made with, choose another output, or remove the "
        + "folder"
    case .changedModel(let path, let file, let isMissing):
      "\(path): \(file) \(isMissing ? "is missing" : "is not the one that the run wrote"); restore "
        + "it, name \(path) itself to take it as it is, or remove run.json beside it and run the "
        + "same training again, which ends from its last checkpoint"
    }
  }
}

extension RunError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .locked: .tryAgain
    case .missing: .missingInput
    case .notARun: .cannotCreate
    case .differentConfig, .foreignCheckpoints: .badConfig
    case .differentInput, .differentOrder, .corrupt, .damagedManifest, .changedModel: .badData
    }
  }
}
