/// Contexts of a family that share a table, because tables of their own take more than they save.
///
/// Lengths are in 256ths of a bit and integers, so that every machine groups alike.
struct TableGroup {
  /// The bits that a symbol with its share adds to the file of the tables after zstd, about: this
  /// and the next two are as in caches of SmolLM2.
  private static let symbolBits = 11
  /// The bits that a table adds.
  private static let tableBits = 20
  /// The bits that a further context with the same table adds.
  private static let sharingBits = 14
  /// The bits of a symbol in a context without a table, which knows the escape alone.
  private static let escapedBits = 8

  /// The contexts, ascending.
  let contexts: [Int]
  /// The counts of the symbols in all of them.
  let counts: [SymbolCount]
  /// The length of the numbers and the table together.
  let length: Int
  /// Whether the table is worth its bytes; without one all symbols are escaped.
  private let hasTable: Bool

  /// A group of contexts whose symbols are to be coded `weight` / 16 times as often as counted.
  init(_ contexts: [Int], _ counts: [SymbolCount], weight: Int) {
    self.contexts = contexts
    self.counts = counts
    let (symbols, shares) = SymbolTable.shares(of: counts)
    let known = zip(counts, shares).reduce(0) {
      $0 + $1.0.count * (SymbolTable.totalBits * 256 - FixedLogarithm.of(Int($1.1)))
    }
    let stored =
      symbols.count * Self.symbolBits + Self.tableBits + (contexts.count - 1) * Self.sharingBits
    let escaped = counts.reduce(0) { $0 + $1.count } * Self.escapedBits * 256 * weight / 16
    let tabled = known * weight / 16 + stored * 256
    length = min(tabled, escaped)
    hasTable = tabled < escaped
  }

  /// Both groups under one table.
  func joined(with other: TableGroup, weight: Int) -> TableGroup {
    var (sum, rest) = ([SymbolCount](), other.counts[...])
    for one in counts {
      while let next = rest.first, next.symbol < one.symbol { sum.append(rest.removeFirst()) }
      if rest.first?.symbol == one.symbol {
        sum.append(SymbolCount(symbol: one.symbol, count: one.count + rest.removeFirst().count))
      } else {
        sum.append(one)
      }
    }
    return TableGroup(contexts + other.contexts, sum + rest, weight: weight)
  }

  /// The table of each of its contexts.
  var tables: [SymbolTable] {
    hasTable ? contexts.map { SymbolTable(context: $0, counts: counts) } : []
  }

  /// The groups of a family's contexts, which are in ascending order: neighbours are joined while
  /// that shortens the whole, those first that gain most.
  static func groups(of family: [(context: Int, counts: [SymbolCount])], weight: Int) -> [Self] {
    var groups = family.map { Self([$0.context], $0.counts, weight: weight) }
    func pair(_ place: Int) -> Self {
      groups[place].joined(with: groups[place + 1], weight: weight)
    }
    var pairs = groups.indices.dropLast().map(pair)
    func gain(_ place: Int) -> Int {
      groups[place].length + groups[place + 1].length - pairs[place].length
    }
    while let best = pairs.indices.max(by: { gain($0) < gain($1) }), gain(best) > 0 {
      groups.replaceSubrange(best...best + 1, with: [pairs.remove(at: best)])
      if best > 0 { pairs[best - 1] = pair(best - 1) }
      if best < pairs.count { pairs[best] = pair(best) }
    }
    return groups
  }
}

/// A symbol and its count.
struct SymbolCount: Sendable, Equatable {
  /// The symbol, below the escape.
  let symbol: UInt8
  /// The number of times that it occurred, at least one.
  let count: Int
}

/// Logarithms in integers.
enum FixedLogarithm {
  /// log2 of a number of at least 1, rounded down to 256ths.
  static func of(_ value: Int) -> Int {
    var result = CodingContext.bitLength(value) - 1
    // The leading 32 bits; squaring them doubles the logarithm.
    var leading =
      result > 31 ? UInt64(value) >> UInt64(result - 31) : UInt64(value) << UInt64(31 - result)
    for _ in 0..<8 {
      leading = (leading * leading) >> 31
      result = result << 1 | Int(leading >> 32)
      leading >>= leading >> 32
    }
    return result
  }
}

/// Counts symbols and extra bits, for the tables.
struct SymbolCounter: NumberCoder {
  private var counts = [Int](repeating: 0, count: CodingContext.count * 256)
  /// The bits that no table models.
  private(set) var extraBits = 0

  mutating func number(_ value: Int, _ context: Int) {
    let (symbol, extra) = SymbolCode.symbol(value)
    counts[context << 8 | symbol] += 1
    extraBits += extra
  }

  mutating func symbol(_ value: Int, _ context: Int) {
    counts[context << 8 | value] += 1
  }

  /// A table for each context that occurred.
  var tables: [SymbolTable] {
    families.joined().map { SymbolTable(context: $0.context, counts: $0.counts) }
  }

  /// The groups of contexts by which the numbers and the tables are shortest, if numbers are to be
  /// coded `weight` / 16 times as often as counted.
  func groups(weight: Int) -> [TableGroup] {
    families.flatMap { TableGroup.groups(of: $0, weight: weight) }
  }

  /// The contexts that occurred, by family, with what occurred in them.
  private var families: [[(context: Int, counts: [SymbolCount])]] {
    (0..<CodingContext.count / CodingContext.familySize).map { family in
      (0..<CodingContext.familySize).compactMap { index in
        let context = CodingContext.other(family, index)
        let found = symbolCounts(context)
        return found.isEmpty ? nil : (context, found)
      }
    }
  }

  private func symbolCounts(_ context: Int) -> [SymbolCount] {
    counts[(context << 8)..<(context << 8 + SymbolCode.escape)].enumerated()
      .compactMap { symbol, count in
        count > 0 ? SymbolCount(symbol: UInt8(symbol), count: count) : nil
      }
  }
}
