@testable import Shards

/// Reads numbers as docs/format.md says it, word by word: what the writer is compared with.
struct PlainReader {
  private let tables: SymbolTables
  private var words: ArraySlice<UInt16>
  private var bits: BitReader
  private var state: UInt32

  init(_ tables: SymbolTables, words: [UInt16], bits: [UInt8]) {
    self.tables = tables
    self.words = words.dropFirst(2)
    self.bits = BitReader(bits[...])
    state = UInt32(words[0]) << 16 | UInt32(words[1])
  }

  /// Whether the state is the last one and no word is left.
  var isAtItsEnd: Bool { state == EntropyWriter.lowest && words.isEmpty }

  mutating func number(_ context: Int) -> Int {
    var symbol = symbol(context)
    if symbol == SymbolCode.escape { symbol = Int(bits.take(8)) }
    let extra = SymbolCode.extraBits(symbol)
    return SymbolCode.value(symbol, Int(bits.take(extra)))
  }

  private mutating func symbol(_ context: Int) -> Int {
    let row = Int(tables.layout[context]) << 8
    let slot = state % 4096
    let symbol = (0..<256).last {
      tables.slots[row | $0] > 0 && tables.slots[row | $0] >> 16 <= slot
    }
    let found = tables.slots[row | (symbol ?? 0)]
    state = (found & 0xFFFF) * (state / 4096) + slot - found >> 16
    if state < EntropyWriter.lowest { state = state << 16 | UInt32(words.popFirst() ?? 0) }
    return symbol ?? 0
  }
}
