/// Reads what an `EntropyWriter` wrote; past the end it reads zeros, which `isWhole` tells.
struct EntropyReader: NumberCoder {
  /// A reader finds its numbers.
  static let reads = true
  /// The zero bytes that have to follow the bits, because they are read eight bytes at a time.
  static let padding = 8

  private var state: UInt32
  private var words: UnsafePointer<UInt16>
  private let wordsEnd: UnsafePointer<UInt16>
  private var isOverrun = false
  private let bits: UnsafeRawPointer
  private let bitBytes: Int
  /// The number of bits so far.
  private var position = 0
  private let heads: UnsafePointer<UInt32>
  private let layouts: UnsafePointer<UInt32>

  /// A reader of some words, and of bits that `padding` zero bytes follow; nil without the two
  /// words of the state.
  init?(
    words: UnsafeBufferPointer<UInt16>, padded bits: UnsafeBufferPointer<UInt8>,
    heads: UnsafePointer<UInt32>, layouts: UnsafePointer<UInt32>
  ) {
    guard words.count >= 2, let base = words.baseAddress, let bitsBase = bits.baseAddress,
      bits.count >= Self.padding
    else { return nil }
    state = UInt32(UInt16(littleEndian: base[0])) << 16 | UInt32(UInt16(littleEndian: base[1]))
    self.words = base + 2
    wordsEnd = base + words.count
    self.bits = UnsafeRawPointer(bitsBase)
    bitBytes = bits.count - Self.padding
    self.heads = heads
    self.layouts = layouts
  }

  @inline(__always)
  mutating func number(_: Int, _ context: Int) -> Int {
    let symbol = entry(context).symbol
    if symbol == SymbolCode.escape { return escaped() }
    return SymbolCode.value(symbol, Int(take(UInt64(SymbolCode.extraBits(symbol)))))
  }

  @inline(__always)
  mutating func symbol(_: Int, _ context: Int) -> Int {
    let entry = entry(context)
    return entry.symbol == SymbolCode.escape ? escapedSymbol() : entry.symbol
  }

  /// The entry that the state points to in a context; the state moves on.
  @inline(__always)
  private mutating func entry(_ context: Int) -> ReadingTables.Entry {
    let layout = layouts + Int(heads[context])
    let slot = state & UInt32(SymbolTable.total - 1)
    let bucket = UnsafeRawPointer(layout).load(
      fromByteOffset: Int(slot) / ReadingTables.bucketSize, as: UInt8.self)
    var place = UnsafeRawPointer(layout + ReadingTables.bucketWords + Int(bucket))
      .assumingMemoryBound(to: ReadingTables.Entry.self)
    while place[1].begins(by: slot) { place += 1 }
    let entry = place.pointee
    // All 32 bits: the shares of a damaged payload's state may not overflow either.
    state = entry.share &* (state >> UInt32(SymbolTable.totalBits)) &+ slot &- entry.first
    refill()
    return entry
  }

  @inline(__always)
  private mutating func refill() {
    guard words < wordsEnd else {
      if state < EntropyWriter.lowest {
        isOverrun = true
        state = EntropyWriter.lowest
      }
      return
    }
    // Without a branch, which nothing could predict: all ones where the state is too small.
    let isLow = UInt32(
      truncatingIfNeeded: (Int64(state) &- Int64(EntropyWriter.lowest)) &>> 63)
    state = state &<< (isLow & 16) | UInt32(UInt16(littleEndian: words.pointee)) & isLow
    words += Int(isLow & 1)
  }

  @inline(never)
  private mutating func escaped() -> Int {
    let symbol = escapedSymbol()
    return SymbolCode.value(symbol, Int(take(UInt64(SymbolCode.extraBits(symbol)))))
  }

  private mutating func escapedSymbol() -> Int {
    min(Int(take(8)), SymbolCode.escape - 1)
  }

  /// The next bits, at most 32.
  @inline(__always)
  private mutating func take(_ count: UInt64) -> UInt64 {
    let eight = UInt64(
      littleEndian: bits.loadUnaligned(
        fromByteOffset: min(position &>> 3, bitBytes), as: UInt64.self))
    let value = eight &>> UInt64(position & 7) & (1 &<< count &- 1)
    position &+= Int(truncatingIfNeeded: count)
    return value
  }

  /// Whether everything was read and nothing was missing.
  var isWhole: Bool {
    let rest = bits.load(fromByteOffset: min(position >> 3, bitBytes), as: UInt8.self)
    return !isOverrun && state == EntropyWriter.lowest && words == wordsEnd
      && (position + 7) >> 3 == bitBytes && rest >> UInt8(position & 7) == 0
  }
}
