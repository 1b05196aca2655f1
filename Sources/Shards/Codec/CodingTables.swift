/// What the frames of a capture are coded with: a pure function of its teacher and data.
///
/// Workers agree on them without talking, because each computes them, or finds them on the disk.
public struct CodingTables: Sendable, Equatable {
  /// How many records they are calibrated on, if the data has so many.
  public static let calibrationRecords = 16_384
  /// How many tokens from the start of the data are counted.
  public static let countedTokens = 1 << 20
  /// The kinds that tokens can be of.
  public static let kindCount = 6

  /// Per id, what kind of token it is (V), below `kindCount`; all 0 where nobody told.
  let kinds: [UInt8]
  /// Per id, ⌊log2(1 + how often it occurred)⌋ (V).
  let octaves: [UInt8]
  /// The symbols' shares in each context that occurred.
  let symbols: SymbolTables
  /// The ids by kind, then octave descending, then id (V).
  let order: [Int32]
  /// Where each kind begins in `order`.
  let firsts: [Int]
  /// Per id, its place among those of its kind (V).
  let ranks: [Int32]

  /// V, the number of token ids.
  var vocabularySize: Int { kinds.count }

  /// The tables that a file holds; nil where they are none.
  init?(kinds: [UInt8], octaves: [UInt8], tables: [SymbolTable]) {
    guard kinds.count == octaves.count, kinds.allSatisfy({ $0 < Self.kindCount }),
      octaves.allSatisfy({ $0 < 64 }), tables.allSatisfy({ $0.context < CodingContext.count }),
      zip(tables, tables.dropFirst()).allSatisfy({ $0.context < $1.context })
    else { return nil }
    (self.kinds, self.octaves, symbols) = (kinds, octaves, SymbolTables(tables))
    var groups = [[Int32]](repeating: [], count: Self.kindCount * 64)
    for id in kinds.indices {
      groups[Int(kinds[id]) * 64 + 63 - Int(octaves[id])].append(Int32(id))
    }
    order = Array(groups.joined())
    var (first, firsts) = (0, [Int]())
    for kind in 0..<Self.kindCount {
      firsts.append(first)
      first += groups[(kind * 64)..<(kind * 64 + 64)].reduce(0) { $0 + $1.count }
    }
    self.firsts = firsts + [first]
    var ranks = [Int32](repeating: 0, count: kinds.count)
    for (place, id) in order.enumerated() {
      ranks[Int(id)] = Int32(place - firsts[Int(kinds[Int(id)])])
    }
    self.ranks = ranks
  }

  /// The sequences to calibrate on: spread evenly, with about `calibrationRecords` records.
  ///
  /// - Parameter recordCounts: the records of each sequence of the data, in order.
  /// - Returns: the numbers of the chosen sequences, ascending.
  public static func calibrationSequences(recordCounts: [Int]) -> [Int] {
    let total = recordCounts.reduce(0, +)
    guard total > 0 else { return [] }
    let wanted = (recordCounts.count * calibrationRecords + total - 1) / total
    let count = min(recordCounts.count, max(1, wanted))
    return (0..<count).map { (2 * $0 + 1) * recordCounts.count / (2 * count) }
  }
}
