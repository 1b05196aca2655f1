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
