/// The work of a walk over a frame's numbers: to count, measure or write them.
///
/// The walk is written once for all of them; what they write is read in C (`FrameReader`).
protocol NumberCoder {
  /// Codes a number of at least 0 in a context.
  mutating func number(_ value: Int, _ context: Int)

  /// Codes a number of 8 bits at most, below 255, whose every value has a share of its own.
  mutating func symbol(_ value: Int, _ context: Int)
}

/// Writes numbers as symbols of a range asymmetric numeral system, and their extra bits beside.
///
/// rANS (Duda, "Asymmetric numeral systems", arXiv 1311.2540) with a 32-bit state in 16-bit words
/// and shares of 4096. It writes backwards what is read forwards, so symbols wait until the end.
struct EntropyWriter: NumberCoder {
  /// The least value of the state between two symbols.
  static let lowest: UInt32 = 1 << 16

  private let tables: SymbolTables
  /// First slot and share of each symbol so far.
  private var slots: [UInt32] = []
  private var bits = BitWriter()

  /// A writer that has written nothing yet.
  init(_ tables: SymbolTables) { self.tables = tables }

  /// Writes a number as a symbol and extra bits.
  mutating func number(_ value: Int, _ context: Int) {
    let (symbol, extra) = SymbolCode.symbol(value)
    self.symbol(symbol, context)
    if extra > 0 { bits.append(UInt32(value & (1 << extra - 1)), count: extra) }
  }

  /// Writes a symbol, escaped where its context does not know it.
  mutating func symbol(_ value: Int, _ context: Int) {
    let row = Int(tables.layout[context]) << 8
    let known = tables.slots[row | value]
    slots.append(known > 0 ? known : tables.slots[row | SymbolCode.escape])
    if known == 0 { bits.append(UInt32(value), count: 8) }
  }

  /// The words, the final state first, and the extra bits filled up to whole bytes.
  mutating func finish() -> (words: [UInt16], bits: [UInt8]) {
    var (state, words) = (Self.lowest, [UInt16]())
    for slot in slots.reversed() {
      let (first, share) = (slot >> 16, slot & 0xFFFF)
      if state >= share << (32 - UInt32(SymbolTable.totalBits)), share < SymbolTable.total {
        words.append(UInt16(truncatingIfNeeded: state))
        state >>= 16
      }
      state = (state / share) << UInt32(SymbolTable.totalBits) | (state % share + first)
    }
    words.append(UInt16(truncatingIfNeeded: state))
    words.append(UInt16(state >> 16))
    return (words.reversed(), bits.finish())
  }
}
