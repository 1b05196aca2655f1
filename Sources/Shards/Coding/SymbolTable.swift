/// The shares of the symbols in a context, in 4096ths.
struct SymbolTable: Sendable, Equatable {
  /// The binary digits of a share.
  static let totalBits = 12
  /// The sum of all shares.
  static let total = 1 << totalBits

  /// The context that it is for.
  let context: Int
  /// Ascending; the last is the escape.
  let symbols: [UInt8]
  /// At least 1 each, 4096 together.
  let frequencies: [UInt16]

  /// A table as it was stored; nil where it is none.
  init?(context: Int, symbols: [UInt8], frequencies: [UInt16]) {
    guard symbols.last == UInt8(SymbolCode.escape), symbols.count == frequencies.count,
      zip(symbols, symbols.dropFirst()).allSatisfy({ $0 < $1 }),
      frequencies.allSatisfy({ $0 > 0 }),
      frequencies.reduce(0, { $0 + Int($1) }) == Self.total
    else { return nil }
    self.context = context
    self.symbols = symbols
    self.frequencies = frequencies
  }

  /// A table from the counts of symbols, which ascend.
  init(context: Int, counts: [SymbolCount]) {
    self.context = context
    let shares = Self.shares(of: counts)
    symbols = shares.symbols
    frequencies = shares.frequencies
  }

  /// The symbols, the escape last, with their shares, in integers so that they are the same
  /// everywhere.
  ///
  /// The escape's share grows with the symbols seen once (Good and Turing's estimate of what is
  /// still unseen); every share is rounded down but not to nothing, and the largest takes the rest.
  static func shares(of counts: [SymbolCount]) -> (symbols: [UInt8], frequencies: [UInt16]) {
    let once = counts.count { $0.count == 1 }
    let tenths = counts.map { 10 * $0.count } + [max(10, 7 * once)]
    let sum = tenths.reduce(0, +)
    var rounded = tenths.map { max(1, total * $0 / sum) }
    let largest = rounded.indices.max { (rounded[$0], $1) < (rounded[$1], $0) } ?? 0
    rounded[largest] += total - rounded.reduce(0, +)
    return (counts.map(\.symbol) + [UInt8(SymbolCode.escape)], rounded.map { UInt16($0) })
  }
}

/// All tables of a capture, laid out for coding.
struct SymbolTables: Sendable, Equatable {
  /// The tables, in ascending order of their contexts.
  let tables: [SymbolTable]
  /// Per context, which layout it uses; 0 knows the escape alone.
  let layout: [UInt16]
  /// Per layout and symbol, the first slot (upper half) and the number of slots (lower half).
  let slots: [UInt32]

  /// The layout of some tables.
  init(_ tables: [SymbolTable]) {
    self.tables = tables
    var layout = [UInt16](repeating: 0, count: CodingContext.count)
    var slots = [UInt32](repeating: 0, count: 256)
    slots[SymbolCode.escape] = UInt32(SymbolTable.total)
    for (number, table) in tables.enumerated() {
      layout[table.context] = UInt16(number + 1)
      var (first, row) = (UInt32(0), [UInt32](repeating: 0, count: 256))
      for (symbol, frequency) in zip(table.symbols, table.frequencies) {
        row[Int(symbol)] = first << 16 | UInt32(frequency)
        first += UInt32(frequency)
      }
      slots += row
    }
    self.layout = layout
    self.slots = slots
  }
}

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
  static func extraBits(_ symbol: Int) -> Int { max(0, symbol &>> 3 &- 1) }

  /// The integer of a symbol and its extra bits.
  @inline(__always)
  static func value(_ symbol: Int, _ bits: Int) -> Int {
    (symbol < 16 ? symbol : symbol & 7 | 8) &<< extraBits(symbol) | bits
  }

  /// An integer of either sign as one without: 0, −1, 1, −2 become 0, 1, 2, 3.
  @inline(__always)
  static func zigzag(_ value: Int) -> Int { value >= 0 ? 2 * value : -2 * value - 1 }
}
