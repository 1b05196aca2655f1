package import Base

/// A memory-mapped safetensors file whose header has been checked.
package struct SafetensorsFile: Sendable {
  /// The file's path.
  package var path: String { mapping.path }
  /// The tensors, in the order of their bytes; each is read from the header when it is asked for.
  package var entries: some RandomAccessCollection<SafetensorsEntry> {
    (0..<header.count).lazy.map { place in withHeader { header.entry(at: place, in: $0) } }
  }

  /// The free-form metadata of the header.
  package var metadata: [String: String] { withHeader { header.metadata(in: $0) } }

  let mapping: MappedFile
  let header: SafetensorsHeader

  /// Maps a file and checks its header.
  ///
  /// - Throws: `CheckpointError` when it cannot be read, `SafetensorsError` when it is broken.
  package init(path: String) throws {
    mapping = try MappedFile(path: path)
    header = try mapping.withBytes { try SafetensorsHeader($0, file: path) }
  }

  /// Runs `body` on the header's text.
  func withHeader<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try mapping.withBytes(8..<header.dataStart, body)
  }

  /// The names of the tensors, sorted.
  package var names: [String] { entries.map(\.name).sorted() }

  /// The header's entry for a tensor; nil where there is none.
  package func entry(_ name: String) -> SafetensorsEntry? {
    withHeader { text in
      header.number(of: name, in: text).map { header.entry(number: $0, in: text) }
    }
  }

  /// Runs `body` on a tensor's bytes, which are little-endian, row-major and perhaps unaligned.
  ///
  /// - Throws: `CheckpointError.missingTensor`, and what `body` throws.
  package func withBytes<R>(
    of name: String, _ body: (UnsafeRawBufferPointer) throws -> R
  ) throws -> R {
    try withBytes(of: try require(name), body)
  }

  /// Runs `body` on the bytes of one of ``entries``.
  func withBytes<R>(
    of entry: SafetensorsEntry, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    try mapping.withBytes(fileRange(of: entry), body)
  }

  /// The range in the file of the bytes of one of ``entries``.
  func fileRange(of entry: SafetensorsEntry) -> Range<Int> {
    (header.dataStart + entry.range.lowerBound)..<(header.dataStart + entry.range.upperBound)
  }

  /// Reads the weights of a tensor, widened to single precision.
  ///
  /// - Parameters:
  ///   - name: A tensor of type F32, F16 or BF16.
  ///   - values: Where they go, row-major.
  /// - Throws: `CheckpointError.missingTensor`, or `.notWeights` for any other type.
  /// - Precondition: `values` has room for exactly its elements.
  package func read(_ name: String, into values: UnsafeMutableBufferPointer<Float>) throws {
    try read(name, rows: 0..<1, of: 1, into: values)
  }

  /// Reads some of a tensor's rows, which are so many in all.
  func read(
    _ name: String, rows: Range<Int>, of count: Int,
    into values: UnsafeMutableBufferPointer<Float>
  ) throws {
    let entry = try require(name)
    guard let type = WeightType(entry.type) else {
      throw CheckpointError.notWeights(path: path, name: name, type: entry.type.rawValue)
    }
    withBytes(of: entry) { type.widen($0.rows(rows, of: count), into: values) }
  }

  /// The weights of a tensor, widened to single precision.
  ///
  /// - Throws: What ``read(_:into:)`` throws.
  package func floats(_ name: String) throws -> [Float] {
    let count = try require(name).shape.reduce(1, *)
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// The elements of a tensor of type I64.
  ///
  /// - Throws: `CheckpointError.missingTensor`, or `.notWeights` for any other type.
  package func int64s(_ name: String) throws -> [Int64] {
    let entry = try require(name)
    guard entry.type == .int64 else {
      throw CheckpointError.notWeights(path: path, name: name, type: entry.type.rawValue)
    }
    return try withBytes(of: name) { bytes in
      stride(from: 0, to: bytes.count, by: 8).map {
        Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int64.self))
      }
    }
  }

  private func require(_ name: String) throws -> SafetensorsEntry {
    guard let entry = entry(name) else {
      throw CheckpointError.missingTensor(path: path, name: name)
    }
    return entry
  }
}

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
