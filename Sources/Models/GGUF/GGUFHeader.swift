package import Base

/// One tensor of a GGUF file, as the file describes it.
package struct GGUFTensor: Sendable, Equatable {
  /// The name in the file, such as `blk.0.attn_q.weight`.
  package var name: String
  /// The type in which its elements are stored.
  package var type: GGUFTensorType
  /// Its sizes, outermost first (the file has them the other way round).
  package var shape: [Int]
  /// The range of its bytes within the file.
  package var range: Range<Int>
}

/// The checked header of a GGUF file, version 2 or 3 (as github.com/ggml-org/ggml describes it).
struct GGUFHeader {
  /// The limit of metadata values, and of tensors, beyond those of any model of this format.
  static let mostValues = 65_536, mostTensors = 131_072

  /// The metadata by key.
  private(set) var metadata: [String: GGUFValue] = [:]
  /// The tensors in the order of the file.
  private(set) var tensors: [GGUFTensor] = []

  private let file: String

  /// Reads and checks the header of a file's bytes.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(GGUFError) {
    self.file = file
    var cursor = GGUFCursor(bytes, file: file)
    try Self.checkVersion(&cursor, file)
    // The least that a tensor and a key take: name, dimensions, type, offset; key, type, a byte.
    let tensorCount = try cursor.count(of: 24, "the number of tensors")
    let valueCount = try cursor.count(of: 13, "the number of metadata values")
    try Self.limit(tensorCount, "tensors", Self.mostTensors, file)
    try Self.limit(valueCount, "metadata values", Self.mostValues, file)
    for _ in 0..<valueCount { try readValue(&cursor) }
    let alignment = try alignment()
    var drafts: [TensorDraft] = []
    for _ in 0..<tensorCount { drafts.append(try TensorDraft(&cursor, file: file)) }
    let padding = (alignment - cursor.offset % alignment) % alignment
    // A file without tensors may end right after its header.
    let start = tensorCount == 0 ? cursor.offset : cursor.offset + padding
    for draft in drafts {
      tensors.append(try draft.tensor(dataStart: start, end: bytes.count, alignment, file))
    }
    try checkOverlap()
  }

  private static func checkVersion(
    _ cursor: inout GGUFCursor, _ file: String
  ) throws(GGUFError) {
    guard cursor.remaining >= 4, try cursor.integer(UInt32.self, "the magic") == 0x4655_4747
    else { throw .badMagic(file: file) }
    let version = try cursor.integer(UInt32.self, "the version")
    guard version == 2 || version == 3 else {
      throw .unsupportedVersion(file: file, version: version)
    }
  }

  private static func limit(
    _ count: Int, _ things: String, _ limit: Int, _ file: String
  ) throws(GGUFError) {
    if count > limit { throw .tooMany(file: file, things: things, count: count, limit: limit) }
  }

  private mutating func readValue(_ cursor: inout GGUFCursor) throws(GGUFError) {
    let key = try cursor.string("a metadata key")
    let type = try cursor.integer(UInt32.self, key)
    let value = try cursor.value(type: type, key: key)
    guard metadata.updateValue(value, forKey: key) == nil else {
      throw .duplicate(file: file, name: key)
    }
  }

  private func alignment() throws(GGUFError) -> Int {
    let key = "general.alignment"
    guard let value = metadata[key] else { return 32 }
    guard case .unsigned(let alignment) = value, alignment.nonzeroBitCount == 1,
      alignment <= 1 << 20
    else { throw .badMetadata(file: file, key: key, problem: "is no power of two") }
    return Int(alignment)
  }

  private func checkOverlap() throws(GGUFError) {
    guard Set(tensors.map(\.name)).count == tensors.count else {
      let counts = Dictionary(tensors.map { ($0.name, 1) }, uniquingKeysWith: +)
      throw .duplicate(file: file, name: counts.first { $0.value > 1 }?.key ?? "a tensor")
    }
    let sorted = tensors.sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (one, next) in zip(sorted, sorted.dropFirst())
    where next.range.lowerBound < one.range.upperBound {
      throw .badTensor(file: file, name: next.name, problem: "overlaps \(one.name)")
    }
  }
}

/// A tensor's description before the place of the data is known.
private struct TensorDraft {
  let name: String
  let type: GGUFTensorType
  let shape: [Int]
  let byteCount: Int
  let offset: UInt64

  init(_ cursor: inout GGUFCursor, file: String) throws(GGUFError) {
    name = try cursor.string("a tensor's name")
    let rank = try cursor.integer(UInt32.self, name)
    guard rank <= 4 else {
      throw .badTensor(file: file, name: name, problem: "has \(rank) dimensions")
    }
    var sizes: [UInt64] = []
    for _ in 0..<rank { sizes.append(try cursor.integer(UInt64.self, name)) }
    let number = try cursor.integer(UInt32.self, name)
    guard let type = GGUFTensorType(rawValue: number) else {
      throw .unsupportedType(file: file, name: name, type: number)
    }
    guard let byteCount = Self.byteCount(sizes, type) else {
      throw .badTensor(file: file, name: name, problem: "has the shape \(sizes), which cannot be")
    }
    self.type = type
    self.byteCount = byteCount
    shape = sizes.reversed().map { Int($0) }
    offset = try cursor.integer(UInt64.self, name)
  }

  /// The tensor with the range of its bytes, once it is clear that they lie within the file.
  func tensor(
    dataStart: Int, end: Int, _ alignment: Int, _ file: String
  ) throws(GGUFError) -> GGUFTensor {
    guard offset % UInt64(alignment) == 0 else {
      throw .badTensor(file: file, name: name, problem: "is not aligned to \(alignment) bytes")
    }
    guard dataStart <= end, offset <= UInt64(end - dataStart),
      byteCount <= end - dataStart - Int(offset)
    else {
      throw .truncated(file: file, offset: end, reading: "the \(byteCount) bytes of \(name)")
    }
    let start = dataStart + Int(offset)
    return GGUFTensor(name: name, type: type, shape: shape, range: start..<(start + byteCount))
  }

  // Rows are whole blocks; no size may be zero; nothing may leave 63 bits, floats included.
  private static func byteCount(_ sizes: [UInt64], _ type: GGUFTensorType) -> Int? {
    var elements = 1
    for size in sizes {
      guard size > 0, let size = Int(exactly: size) else { return nil }
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      if overflow || product > Int.max / 8 { return nil }
      elements = product
    }
    let row = sizes.first.map { Int($0) } ?? 1
    return row % type.blockSize == 0 ? elements / type.blockSize * type.blockBytes : nil
  }
}

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
