package import Base

/// The ways in which a GGUF file can be broken, or be of a kind that is not supported.
package enum GGUFError: Error, Equatable, CustomStringConvertible {
  /// The file does not begin with `GGUF`.
  case badMagic(file: String)
  /// A version, or byte order, that is not supported.
  case unsupportedVersion(file: String, version: UInt32)
  /// The file ends before what it promises.
  case truncated(file: String, offset: Int, reading: String)
  /// A metadata value of an unknown type.
  case unknownValueType(file: String, key: String, type: UInt32)
  /// A metadata value that breaks a rule, is missing, or is of the wrong type.
  case badMetadata(file: String, key: String, problem: String)
  /// A key or tensor name that occurs twice.
  case duplicate(file: String, name: String)
  /// A text that is not UTF-8.
  case notUTF8(file: String, reading: String)
  /// A tensor whose elements are of a type that is not supported.
  case unsupportedType(file: String, name: String, type: UInt32)
  /// A tensor whose description breaks a rule.
  case badTensor(file: String, name: String, problem: String)
  /// The header claims more of something than any model has.
  case tooMany(file: String, things: String, count: Int, limit: Int)
  /// A model that the decoder does not implement.
  case unsupportedModel(file: String, feature: String, supported: String)

  /// One line: the file, what is wrong, and the remedy.
  package var description: String {
    let again = "download or convert it again"
    switch self {
    case .badMagic(let file):
      return "\(file): not a GGUF file; give a .gguf file or a Hugging Face folder"
    case .unsupportedVersion(let file, let version):
      return "\(file): GGUF version \(version) is not supported; "
        + "convert it to version 3, little-endian"
    case .truncated(let file, let offset, let reading):
      return "\(file): truncated: no room for \(reading) at byte \(offset); \(again)"
    case .unknownValueType(let file, let key, let type):
      return "\(file): \(key) has the unknown value type \(type); \(again)"
    case .badMetadata(let file, let key, let problem):
      return "\(file): \(key) \(problem); \(again)"
    case .duplicate(let file, let name):
      return "\(file): has \(name) twice; \(again)"
    case .notUTF8(let file, let reading):
      return "\(file): \(reading) is not UTF-8; \(again)"
    case .unsupportedType(let file, let name, let type):
      return "\(file): \(name) is quantised as \(GGUFTensorType.name(of: type)); supported: "
        + GGUFTensorType.allCases.map(\.name).joined(separator: ", ")
    case .badTensor(let file, let name, let problem):
      return "\(file): \(name) \(problem); \(again)"
    case .tooMany(let file, let things, let count, let limit):
      return "\(file): claims \(count) \(things), more than the \(limit) that are read; \(again)"
    case .unsupportedModel(let file, let feature, let supported):
      return "\(file): \(feature) is not supported; supported: \(supported)"
    }
  }
}

extension GGUFError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}
