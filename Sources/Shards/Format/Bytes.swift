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

  /// Reads a number of variable length, of at most 35 bits.
  mutating func varying() throws(FrameProblem) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      let byte = Int(try integer(UInt8.self))
      value |= (byte & 127) << shift
      if byte < 128 { return value }
    }
    throw FrameProblem(reason: "a number is too long")
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

/// Bytes under construction; every number is little-endian.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  /// Appends a number.
  mutating func append<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Appends a number of variable length: seven bits a byte, the lowest first, the high bit set on
  /// all bytes but the last.
  mutating func append(varying value: Int) {
    var rest = value
    while rest >= 128 {
      append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends bytes.
  mutating func append(contentsOf more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// Appends an array as it lies in memory; the machines that Swift runs on are little-endian.
  mutating func appendMemory<T: BitwiseCopyable>(_ values: [T]) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

/// Bits under construction, the first in the lowest bit of the first byte.
struct BitWriter {
  private var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var pendingCount = 0

  /// Adds the lowest bits of a number; the others are 0.
  mutating func append(_ value: UInt32, count: Int) {
    pending |= UInt64(value) << UInt64(pendingCount)
    pendingCount += count
    while pendingCount >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      pendingCount -= 8
    }
  }

  /// The bytes, the last one filled up with zero bits.
  mutating func finish() -> [UInt8] {
    if pendingCount > 0 { append(0, count: 8 - pendingCount) }
    return bytes
  }
}

/// A cursor over packed bits; past the end come zeros.
struct BitReader {
  private var bytes: ArraySlice<UInt8>
  private var pending: UInt64 = 0
  private var pendingCount = 0

  /// A cursor before the first bit of some bytes.
  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// The next bits, at most 32, as a number.
  mutating func take(_ count: Int) -> UInt32 {
    while pendingCount < count {
      pending |= UInt64(bytes.popFirst() ?? 0) << UInt64(pendingCount)
      pendingCount += 8
    }
    defer {
      pending >>= UInt64(count)
      pendingCount -= count
    }
    return UInt32(truncatingIfNeeded: pending & (1 << UInt64(count) - 1))
  }
}

/// A fault in the bytes of a frame; the container adds where it lies.
struct FrameProblem: Error {
  /// The fault in a few words.
  let reason: String
}
