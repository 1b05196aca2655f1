/// Integers as a symbol below 255, which tables model, and extra bits, which are as good as noise.
///
/// Below 16 the symbol is the integer. Above, with k = ⌊log2 x⌋ − 3, the symbol is 8k + (x >> k)
/// and the k low bits of x are extra: the leading four bits are modelled.
enum SymbolCode {
  /// Stands for a symbol that its table does not have; eight bits with the symbol follow.
  static let escape = 255

  /// The symbol of an integer and how many extra bits it has.
  @inline(__always)
  static func symbol(_ value: Int) -> (symbol: Int, extra: Int) {
    guard value >= 16 else { return (value, 0) }
    let extra = Int.bitWidth - 4 - value.leadingZeroBitCount
    return (8 * extra + value >> extra, extra)
  }

  /// The number of extra bits of a symbol.
  @inline(__always)
  static func extraBits(_ symbol: Int) -> Int { symbol < 16 ? 0 : symbol >> 3 - 1 }

  /// The integer of a symbol and its extra bits.
  @inline(__always)
  static func value(_ symbol: Int, _ bits: Int) -> Int {
    symbol < 16 ? symbol : (symbol & 7 | 8) << extraBits(symbol) | bits
  }

  /// An integer of either sign as one without: 0, −1, 1, −2 become 0, 1, 2, 3.
  @inline(__always)
  static func zigzag(_ value: Int) -> Int { value >= 0 ? 2 * value : -2 * value - 1 }

  /// The integer that `zigzag` made a code of.
  @inline(__always)
  static func unzigzag(_ code: Int) -> Int { code >> 1 ^ -(code & 1) }
}
