/// The tables of a capture as a reader looks symbols up in them, small enough for near caches.
///
/// A map of 4096 slots a context would be one load less, but from far: a capture has hundreds.
struct ReadingTables: Sendable, Equatable {
  /// A symbol with its slots: first slot (12 bits), share less 1 (12), symbol (8).
  struct Entry: BitwiseCopyable {
    let word: UInt32

    /// The entry of a symbol.
    init(symbol: UInt8, first: Int, share: Int) {
      word = UInt32(first) << 20 | UInt32(share - 1) << 8 | UInt32(symbol)
    }

    /// Follows the last entry; none begins as late.
    static let end = Entry(symbol: 255, first: SymbolTable.total - 1, share: SymbolTable.total)

    /// Whether it begins at a slot or before.
    ///
    /// Only `end` and a single entry have as high a share, and a single one is never asked.
    @inline(__always)
    func begins(by slot: UInt32) -> Bool { word < slot &<< 20 | 0xF_FFFF }

    /// The first slot.
    @inline(__always) var first: UInt32 { word &>> 20 }
    /// The number of slots.
    @inline(__always) var share: UInt32 { word &>> 8 & 0xFFF &+ 1 }
    /// The symbol.
    @inline(__always) var symbol: Int { Int(word & 0xFF) }
  }

  /// The slots of a bucket.
  static let bucketSize = 64
  /// The words that the buckets of a layout take, a byte each: one line of a cache.
  static let bucketWords = SymbolTable.total / bucketSize / 4

  /// Per context, where its layout begins in `words`.
  let heads: [UInt32]
  /// Per layout, for each bucket the number of the entry that its first slot belongs to, then the
  /// entries, then `end`, filled up to whole lines.
  let words: [UInt32]

  /// The layouts of some tables, in ascending order of their contexts.
  init(_ tables: [SymbolTable]) {
    var heads = [UInt32](repeating: 0, count: CodingContext.count)
    var words = Self.layout([UInt8(SymbolCode.escape)], [UInt16(SymbolTable.total)])
    var (last, head): (SymbolTable?, UInt32) = (nil, 0)
    for table in tables {
      // Neighbours that share a table share its place in the caches.
      if last?.symbols != table.symbols || last?.frequencies != table.frequencies {
        head = UInt32(words.count)
        words += Self.layout(table.symbols, table.frequencies)
      }
      heads[table.context] = head
      last = table
    }
    self.heads = heads
    self.words = words
  }

  private static func layout(_ symbols: [UInt8], _ shares: [UInt16]) -> [UInt32] {
    var buckets = [UInt32](repeating: 0, count: bucketWords)
    var (entries, first) = ([UInt32](), 0)
    for (number, (symbol, share)) in zip(symbols, shares).enumerated() {
      entries.append(Entry(symbol: symbol, first: first, share: Int(share)).word)
      let next = first + Int(share)
      for bucket in ((first + bucketSize - 1) / bucketSize)..<((next + bucketSize - 1) / bucketSize)
      {
        buckets[bucket / 4] |= UInt32(number) << UInt32(bucket % 4 * 8)
      }
      first = next
    }
    let layout = buckets + entries + [Entry.end.word]
    return layout + repeatElement(0, count: -layout.count & (bucketWords - 1))
  }
}
