/// Integers as a symbol byte each, which an entropy coder shrinks, and extra bits, which none can.
///
/// Below 16 the symbol is the integer. Above, with k = ⌊log2 x⌋ − 3, the symbol is 8k + (x >> k)
/// and the k low bits of x are extra: the leading four bits are modelled, the rest is noise.
enum IntegerCode {
  /// The symbols, one an integer, and the extra bits, packed from the low end of each byte.
  static func encode(_ integers: [UInt32]) -> (symbols: [UInt8], bits: [UInt8]) {
    var bits = BitWriter()
    let symbols = integers.map { value in
      guard value >= 16 else { return UInt8(value) }
      let extra = 28 - value.leadingZeroBitCount
      bits.append(value & (1 << UInt32(extra) - 1), count: extra)
      return UInt8(8 * extra + Int(value >> UInt32(extra)))
    }
    return (symbols, bits.finish())
  }

  /// How many extra bits belong to a symbol.
  static func extraBits(_ symbol: UInt8) -> Int { symbol < 16 ? 0 : Int(symbol / 8) - 1 }

  /// An integer of either sign as one without: 0, −1, 1, −2 become 0, 1, 2, 3.
  static func zigzag(_ value: Int) -> UInt32 {
    UInt32(value >= 0 ? 2 * value : -2 * value - 1)
  }

  /// What `zigzag` was given.
  static func unzigzag(_ code: UInt32) -> Int { Int(code >> 1) ^ -Int(code & 1) }

  /// Reads `count` integers: their symbols, then the extra bits up to a whole byte.
  static func decode(
    _ reader: inout ByteReader, count: Int
  ) throws(FrameProblem) -> [UInt32] {
    let symbols = try reader.take(count)
    let bitCount = symbols.reduce(0) { $0 + extraBits($1) }
    var bits = BitReader(try reader.take((bitCount + 7) / 8))
    return try symbols.map { symbol throws(FrameProblem) in
      guard symbol >= 16 else { return UInt32(symbol) }
      let extra = extraBits(symbol)
      guard extra <= 28 else { throw FrameProblem(reason: "symbol \(symbol) is none") }
      return UInt32(symbol & 7 | 8) << UInt32(extra) | bits.take(extra)
    }
  }
}

/// Bits under construction, the first in the lowest bit of the first byte.
struct BitWriter {
  private var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var pendingCount = 0

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

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

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
