package import Base

/// The ways in which a safetensors file can lie or be broken.
package enum SafetensorsError: Error, Equatable, CustomStringConvertible {
  /// The file ends within its length field or its header.
  case tooShort(file: String, needed: Int, found: Int)
  /// The header claims to be longer than the format allows.
  case headerTooLarge(file: String, length: UInt64)
  /// The header does not begin with `{`.
  case headerNotObject(file: String)
  /// The header is not JSON of the right form.
  case badHeader(file: String, offset: Int, problem: String)
  /// A key occurs twice.
  case duplicateKey(file: String, key: String)
  /// The header names more tensors than any checkpoint has.
  case tooManyTensors(file: String, limit: Int)
  /// A metadata value is no string.
  case metadataNotString(file: String, key: String)
  /// An element type that the format does not know.
  case unknownType(file: String, name: String, type: String)
  /// A tensor lacks a field, or has one that does not belong.
  case badEntry(file: String, name: String, problem: String)
  /// A shape whose size does not fit 64 bits, or ends inside a byte.
  case overflow(file: String, name: String)
  /// A tensor's bytes are not what shape and type need.
  case sizeMismatch(file: String, name: String, needed: Int, found: Int)
  /// A tensor ends before it begins.
  case badOffsets(file: String, name: String, begin: Int, end: Int)
  /// A tensor ends beyond the file.
  case pastEnd(file: String, name: String, end: Int, available: Int)
  /// Two tensors share bytes.
  case overlap(file: String, name: String, other: String)
  /// Bytes that belong to no tensor lie before one.
  case hole(file: String, name: String, count: Int)
  /// Bytes that belong to no tensor follow the last one.
  case trailingBytes(file: String, count: Int)

  /// One line: the file, what is wrong, and the remedy.
  package var description: String { "\(file): \(problem); download or convert it again" }

  private var file: String {
    switch self {
    case .tooShort(let file, _, _), .headerTooLarge(let file, _), .headerNotObject(let file),
      .badHeader(let file, _, _), .duplicateKey(let file, _), .tooManyTensors(let file, _),
      .metadataNotString(let file, _), .unknownType(let file, _, _), .badEntry(let file, _, _),
      .overflow(let file, _), .sizeMismatch(let file, _, _, _), .badOffsets(let file, _, _, _),
      .pastEnd(let file, _, _, _), .overlap(let file, _, _), .hole(let file, _, _),
      .trailingBytes(let file, _):
      file
    }
  }

  private var problem: String {
    switch self {
    case .tooShort(_, let needed, let found):
      "truncated: its header needs \(needed) bytes, the file has \(found)"
    case .headerTooLarge(_, let length): "no safetensors: claims a header of \(length) bytes"
    case .headerNotObject: "no safetensors: its header does not begin with {"
    case .badHeader(_, let offset, let problem): "its header breaks at byte \(offset): \(problem)"
    case .duplicateKey(_, let key): "its header has \(key) twice"
    case .tooManyTensors(_, let limit): "its header names more than \(limit) tensors"
    case .metadataNotString(_, let key): "its metadata \(key) is not a string"
    case .unknownType(_, let name, let type): "\(name) has the unknown type \(type)"
    case .badEntry(_, let name, let problem): "\(name) \(problem)"
    case .overflow(_, let name): "\(name) has a shape that no number of bytes can hold"
    case .sizeMismatch(_, let name, let needed, let found):
      "\(name) needs \(needed) bytes by its shape, but has \(found)"
    case .badOffsets(_, let name, let begin, let end):
      "\(name) begins at byte \(begin) and ends at \(end)"
    case .pastEnd(_, let name, let end, let available):
      "\(name) ends at data byte \(end), but the file has \(available): it is truncated"
    case .overlap(_, let name, let other): "\(name) overlaps \(other)"
    case .hole(_, let name, let count): "\(count) bytes before \(name) belong to no tensor"
    case .trailingBytes(_, let count): "\(count) bytes at the end belong to no tensor"
    }
  }
}

extension SafetensorsError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}
