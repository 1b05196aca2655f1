package import Base

/// The faults of a `config.json`, or of the `model:` section of a YAML file.
public enum DecoderConfigError: Error, Equatable, CustomStringConvertible {
  /// The file is no JSON.
  case badJSON(file: String, offset: Int, problem: String)
  /// A key occurs twice in one object.
  case duplicateKey(file: String, key: String)
  /// A key that has no default is missing.
  case missingKey(file: String, key: String)
  /// A value is of the wrong type.
  case wrongType(file: String, key: String, expected: String, found: String)
  /// A value makes no sense.
  case invalidValue(file: String, key: String, problem: String)
  /// The model is of a kind that the decoder does not implement.
  case unsupported(file: String, key: String, value: String, supported: String)

  /// One line: the file, the key, what is wrong, and the remedy.
  public var description: String {
    switch self {
    case .badJSON(let file, let offset, let problem):
      "\(file): not valid JSON at byte \(offset): \(problem); correct the file"
    case .duplicateKey(let file, let key):
      "\(file): has the key \(key) twice; remove one"
    case .missingKey(let file, let key):
      "\(file): lacks the key \(key); add it"
    case .wrongType(let file, let key, let expected, let found):
      "\(file): \(key) must be \(expected), but is \(found); correct it"
    case .invalidValue(let file, let key, let problem):
      "\(file): \(key) \(problem); correct it"
    case .unsupported(let file, let key, let value, let supported):
      "\(file): \(key) is \(value), which this decoder does not support; supported: \(supported)"
    }
  }
}

extension DecoderConfigError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .badJSON, .duplicateKey: .badData
    case .missingKey, .wrongType, .invalidValue, .unsupported: .badConfig
    }
  }
}
