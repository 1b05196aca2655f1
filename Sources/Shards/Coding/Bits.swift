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
