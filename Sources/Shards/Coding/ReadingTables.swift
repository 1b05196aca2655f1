import CFrames

/// The tables of a capture as a reader looks symbols up in them, small enough for near caches.
///
/// A map of 4096 slots a context would be one load less, but from far: a capture has hundreds.
struct ReadingTables: Sendable {
  /// Per context, where its layout begins in `layouts`.
  let heads: [UInt32]
  /// Per layout, for each bucket of slots the number of the symbol that has its first slot, a byte
  /// each; the symbols; and words of ones up to a whole line of a cache.
  let layouts: [UInt32]

  /// The layouts of some tables, in ascending order of their contexts.
  init(_ tables: [SymbolTable]) {
    var heads = [UInt32](repeating: 0, count: CodingContext.count)
    // What contexts without a table have: the escape alone.
    var layouts = Self.layout([UInt8(SymbolCode.escape)], [UInt16(SymbolTable.total)])
    var (last, head): (SymbolTable?, UInt32) = (nil, 0)
    for table in tables {
      // Neighbours that share a table share its place in the caches.
      if last?.symbols != table.symbols || last?.frequencies != table.frequencies {
        head = UInt32(layouts.count)
        layouts += Self.layout(table.symbols, table.frequencies)
      }
      heads[table.context] = head
      last = table
    }
    self.heads = heads
    self.layouts = layouts
  }

  private static func layout(_ symbols: [UInt8], _ shares: [UInt16]) -> [UInt32] {
    let size = CF_BUCKET_SLOTS
    var buckets = [UInt32](repeating: 0, count: CF_BUCKET_WORDS)
    var (entries, first) = ([UInt32](), 0)
    for (number, (symbol, share)) in zip(symbols, shares).enumerated() {
      entries.append(UInt32(first) << 20 | UInt32(symbol) << 12 | UInt32(share - 1))
      let next = first + Int(share)
      for bucket in ((first + size - 1) / size)..<((next + size - 1) / size) {
        buckets[bucket / 4] |= UInt32(number) << UInt32(bucket % 4 * 8)
      }
      first = next
    }
    let layout = buckets + entries + [.max, .max]
    return layout + repeatElement(.max, count: -layout.count & (CF_LINE_WORDS - 1))
  }
}
