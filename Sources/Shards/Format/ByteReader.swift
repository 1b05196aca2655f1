/// A fault in the bytes of a frame; the container adds where it lies.
struct FrameProblem: Error {
  /// The fault in a few words.
  let reason: String
}

/// A cursor over bytes that never reads past their end; every number is little-endian.
struct ByteReader {
  private let bytes: [UInt8]
  private var position: Int

  /// A cursor over bytes from a place on.
  init(_ bytes: [UInt8], from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The number of bytes that are left.
  var remaining: Int { bytes.count - position }

  /// The next bytes; throws where fewer are left.
  mutating func take(_ count: Int) throws(FrameProblem) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw FrameProblem(reason: "\(count) bytes expected where \(remaining) are left")
    }
    position += count
    return bytes[(position - count)..<position]
  }

  /// The next number of a type; throws where too few bytes are left.
  mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(FrameProblem) -> T {
    let slice = try take(MemoryLayout<T>.size)
    return slice.reversed().reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
  }

  /// An array as it lay in the writer's memory.
  mutating func memory<T: BitwiseCopyable>(
    _: T.Type, count: Int
  ) throws(FrameProblem) -> [T] {
    let size = count.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
    guard !size.overflow else { throw FrameProblem(reason: "a length overflows") }
    let slice = try take(size.partialValue)
    return [T](unsafeUninitializedCapacity: count) { buffer, filled in
      slice.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      filled = count
    }
  }
}
