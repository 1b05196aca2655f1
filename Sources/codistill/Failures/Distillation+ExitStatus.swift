import Base
import Capture
import Losses
import Measuring
import Models
import Studies
import Training

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
    case .notARun: .cannotCreate
    case .differentConfig, .foreignCheckpoints: .badConfig
    case .differentInput, .differentOrder, .corrupt, .damagedManifest, .changedModel: .badData
    }
  }
}

extension PreparationError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .vocabulary, .tokenizer, .tokenizerTooLarge, .paddedCache, .comparedTokens: .badData
    case .noTokenizer: .missingInput
    case .trainedOn, .allTrainedOn, .changedData: .badData
    case .beyondContext(_, _, _, .option): .usage
    case .beyondContext(_, _, _, .cache): .badData
    case .beyondContext(_, _, _, .key): .badConfig
    case .noBfloat16: .willNotFit
    case .noModel, .noData, .noSpecialToken, .temperature, .sparseTargets: .badConfig
    case .teacherVocabulary, .teacherTokenizer, .otherTeacher, .noMaturity: .badConfig
    }
  }
}

extension FeatureError: ExitStatusError {
  var exitStatus: ExitStatus { .badConfig }
}

extension EmissionError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .occupied, .insideRun: .cannotCreate
    case .noTokenizer: .badConfig
    }
  }
}

extension AuditError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .otherTeacher, .otherData, .notDense, .movingTeacher: .badData
    case .noReference: .missingInput
    }
  }
}

extension StatisticsError: ExitStatusError {
  var exitStatus: ExitStatus { .badData }
}

extension InitializationError: ExitStatusError {
  var exitStatus: ExitStatus { .badConfig }
}

extension TrainingError: ExitStatusError {
  var exitStatus: ExitStatus { .badData }
}

extension MemoryShortage: ExitStatusError {
  var exitStatus: ExitStatus { .willNotFit }
}

extension BudgetError: ExitStatusError {
  var exitStatus: ExitStatus { .willNotFit }
}

extension ComparisonError: ExitStatusError {
  var exitStatus: ExitStatus {
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
