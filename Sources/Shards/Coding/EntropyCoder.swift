/// The work of a walk over a frame's numbers: to count, measure, write or read them.
///
/// The walk is written once for all of them. A coder that reads ignores the number that it is given
/// and gives back the one that is stored; the others give back what they were given.
protocol NumberCoder {
  /// Whether the numbers are stored ones, so that what is coded need not be known.
  static var reads: Bool { get }

  /// Codes a number of at least 0 in a context.
  mutating func number(_ value: Int, _ context: Int) -> Int

  /// Codes a number of 8 bits at most, below 255, whose every value has a share of its own.
  mutating func symbol(_ value: Int, _ context: Int) -> Int
}

/// Writes numbers as symbols of a range asymmetric numeral system, and their extra bits beside.
///
/// rANS (Duda, "Asymmetric numeral systems", arXiv 1311.2540) with a 32-bit state in 16-bit words
/// and shares of 4096. It writes backwards what is read forwards, so symbols wait until the end.
struct EntropyWriter: NumberCoder {
  /// A writer is given its numbers.
  static let reads = false
  /// The least value of the state between two symbols.
  static let lowest: UInt32 = 1 << 16

  private let tables: SymbolTables
  /// First slot and share of each symbol so far.
  private var slots: [UInt32] = []
  private var bits = BitWriter()

  /// A writer that has written nothing yet.
  init(_ tables: SymbolTables) { self.tables = tables }

  /// Writes a number as a symbol and extra bits.
  mutating func number(_ value: Int, _ context: Int) -> Int {
    let (symbol, extra) = SymbolCode.symbol(value)
    _ = self.symbol(symbol, context)
    if extra > 0 { bits.append(UInt32(value & (1 << extra - 1)), count: extra) }
    return value
  }

  /// Writes a symbol, escaped where its context does not know it.
  mutating func symbol(_ value: Int, _ context: Int) -> Int {
    let row = Int(tables.layout[context]) << 8
    let known = tables.slots[row | value]
    slots.append(known > 0 ? known : tables.slots[row | SymbolCode.escape])
    if known == 0 { bits.append(UInt32(value), count: 8) }
    return value
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

/// Reads what an `EntropyWriter` wrote; past the end it reads zeros, which `isWhole` tells.
struct EntropyReader: NumberCoder {
  /// A reader finds its numbers.
  static let reads = true

  private var state: UInt32
  private var words: UnsafePointer<UInt16>
  private let wordsEnd: UnsafePointer<UInt16>
  private var isOverrun = false
  private var bits: UnsafePointer<UInt8>
  private let bitsEnd: UnsafePointer<UInt8>
  private var pending: UInt64 = 0
  private var pendingCount = 0
  private let layout: UnsafePointer<UInt16>
  private let symbols: UnsafePointer<UInt8>
  private let slots: UnsafePointer<UInt32>

  /// A reader of some words and bits; nil without the two words of the state.
  init?(
    words: UnsafeBufferPointer<UInt16>, bits: UnsafeBufferPointer<UInt8>,
    layout: UnsafePointer<UInt16>, symbols: UnsafePointer<UInt8>, slots: UnsafePointer<UInt32>
  ) {
    guard words.count >= 2, let base = words.baseAddress, let bitsBase = bits.baseAddress else {
      return nil
    }
    state = UInt32(UInt16(littleEndian: base[0])) << 16 | UInt32(UInt16(littleEndian: base[1]))
    self.words = base + 2
    wordsEnd = base + words.count
    self.bits = bitsBase
    bitsEnd = bitsBase + bits.count
    self.layout = layout
    self.symbols = symbols
    self.slots = slots
  }

  @inline(__always)
  mutating func number(_: Int, _ context: Int) -> Int {
    let symbol = self.symbol(0, context)
    guard symbol >= 16 else { return symbol }
    let extra = SymbolCode.extraBits(symbol)
    return SymbolCode.value(symbol, take(extra))
  }

  @inline(__always)
  mutating func symbol(_: Int, _ context: Int) -> Int {
    let row = Int(layout[context])
    let slot = state & UInt32(SymbolTable.total - 1)
    let symbol = Int(symbols[row << SymbolTable.totalBits | Int(slot)])
    let range = slots[row << 8 | symbol]
    // All 32 bits: the shares of a damaged payload's state may not overflow either.
    state = (range & 0xFFFF) &* (state >> UInt32(SymbolTable.totalBits)) &+ slot &- (range >> 16)
    if state < EntropyWriter.lowest { refill() }
    return symbol == SymbolCode.escape ? min(take(8), SymbolCode.escape - 1) : symbol
  }

  @inline(__always)
  private mutating func refill() {
    guard words < wordsEnd else {
      isOverrun = true
      state = EntropyWriter.lowest
      return
    }
    state = state << 16 | UInt32(UInt16(littleEndian: words.pointee))
    words += 1
  }

  @inline(__always)
  private mutating func take(_ count: Int) -> Int {
    while pendingCount < count {
      if bits < bitsEnd {
        pending |= UInt64(bits.pointee) << UInt64(pendingCount)
        bits += 1
      } else {
        isOverrun = true
      }
      pendingCount += 8
    }
    let value = Int(pending & (1 << UInt64(count) - 1))
    pending >>= UInt64(count)
    pendingCount -= count
    return value
  }

  /// Whether everything was read and nothing was missing.
  var isWhole: Bool {
    !isOverrun && state == EntropyWriter.lowest && words == wordsEnd && bits == bitsEnd
      && pending == 0
  }
}
