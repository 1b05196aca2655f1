/// Reads the little-endian fields of a GGUF file one after another, each checked against its end.
struct GGUFCursor {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private(set) var offset = 0

  /// A cursor at the first byte; the bytes must outlive it.
  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// The bytes that are left.
  var remaining: Int { bytes.count - offset }

  /// Consumes a fixed-width integer.
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, _ reading: String
  ) throws(GGUFError) -> Value {
    let start = try skip(MemoryLayout<Value>.size, reading).lowerBound
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Value.self))
  }

  /// Consumes a length (64 bits) that counts things of at least `size` bytes each.
  mutating func count(of size: Int, _ reading: String) throws(GGUFError) -> Int {
    let count = try integer(UInt64.self, reading)
    guard count <= UInt64(remaining / size) else { throw truncated(reading) }
    return Int(count)
  }

  /// Consumes a length and as many bytes, and returns where they lie.
  mutating func stringRange(_ reading: String) throws(GGUFError) -> Range<Int> {
    try skip(try count(of: 1, reading), reading)
  }

  /// Consumes a string.
  mutating func string(_ reading: String) throws(GGUFError) -> String {
    let range = try stringRange(reading)
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw .notUTF8(file: file, reading: reading)
    }
    return text
  }

  /// Consumes so many bytes, and returns where they lie.
  @discardableResult
  mutating func skip(_ count: Int, _ reading: String) throws(GGUFError) -> Range<Int> {
    guard count <= remaining else { throw truncated(reading) }
    defer { offset += count }
    return offset..<(offset + count)
  }

  private func truncated(_ reading: String) -> GGUFError {
    .truncated(file: file, offset: offset, reading: reading)
  }
}

extension GGUFCursor {
  /// Consumes a value of a type.
  mutating func value(type: UInt32, key: String) throws(GGUFError) -> GGUFValue {
    switch type {
    case 0: .unsigned(UInt64(try integer(UInt8.self, key)))
    case 1: .signed(Int64(try integer(Int8.self, key)))
    case 2: .unsigned(UInt64(try integer(UInt16.self, key)))
    case 3: .signed(Int64(try integer(Int16.self, key)))
    case 4: .unsigned(UInt64(try integer(UInt32.self, key)))
    case 5: .signed(Int64(try integer(Int32.self, key)))
    case 6: .double(Double(Float(bitPattern: try integer(UInt32.self, key))))
    case GGUFValueType.bool: .bool(try integer(UInt8.self, key) != 0)
    case GGUFValueType.string: .string(try stringRange(key))
    case GGUFValueType.array: try array(key: key, depth: 4)
    case 10: .unsigned(try integer(UInt64.self, key))
    case 11: .signed(try integer(Int64.self, key))
    case 12: .double(Double(bitPattern: try integer(UInt64.self, key)))
    default: throw .unknownValueType(file: file, key: key, type: type)
    }
  }

  private mutating func array(key: String, depth: Int) throws(GGUFError) -> GGUFValue {
    if depth == 0 {
      throw .badMetadata(file: file, key: key, problem: "nests arrays too deeply")
    }
    let type = try integer(UInt32.self, key)
    let width = GGUFValueType.width(of: type)
    let (length, start) = (try count(of: width ?? 8, key), offset)
    if let width {
      try skip(length * width, key)
    } else {
      for _ in 0..<length { try element(type, key: key, depth: depth) }
    }
    return .array(type: type, count: length, start: start)
  }

  private mutating func element(_ type: UInt32, key: String, depth: Int) throws(GGUFError) {
    switch type {
    case GGUFValueType.string: _ = try stringRange(key)
    case GGUFValueType.array: _ = try array(key: key, depth: depth - 1)
    default: throw .unknownValueType(file: file, key: key, type: type)
    }
  }
}

/// A metadata value of a GGUF file; texts and arrays stay in the file until they are asked for.
enum GGUFValue: Sendable, Equatable {
  case unsigned(UInt64)
  case signed(Int64)
  case double(Double)
  case bool(Bool)
  /// The range of the bytes of a text.
  case string(Range<Int>)
  /// The type and number of an array's elements, and where they begin.
  case array(type: UInt32, count: Int, start: Int)
}

/// The numbers that stand for value types in the file.
enum GGUFValueType {
  static let bool: UInt32 = 7
  static let string: UInt32 = 8
  static let array: UInt32 = 9

  /// The bytes of a value of fixed width; nil for texts, arrays and what is unknown.
  static func width(of type: UInt32) -> Int? {
    switch type {
    case 0, 1, bool: 1
    case 2, 3: 2
    case 4, 5, 6: 4
    case 10, 11, 12: 8
    default: nil
    }
  }
}
