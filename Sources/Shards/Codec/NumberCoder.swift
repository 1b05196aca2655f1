import Foundation

/// What a walk over a frame's numbers does with them: count, measure, write or read.
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

/// Counts symbols, for the tables.
struct SymbolCounter: NumberCoder {
  static let reads = false
  private(set) var counts = [Int](repeating: 0, count: CodingContext.count * 256)

  mutating func number(_ value: Int, _ context: Int) -> Int {
    counts[context << 8 | SymbolCode.symbol(value).symbol] += 1
    return value
  }

  mutating func symbol(_ value: Int, _ context: Int) -> Int {
    counts[context << 8 | value] += 1
    return value
  }

  /// The tables of the contexts that occurred.
  var tables: [SymbolTable] {
    (0..<CodingContext.count).compactMap { context in
      let row = counts[(context << 8)..<(context << 8 + 255)]
      return row.contains { $0 > 0 } ? SymbolTable(context: context, counts: row) : nil
    }
  }
}

/// Adds up what numbers cost, for statistics.
struct CostMeter: NumberCoder {
  static let reads = false
  /// Bits by plane.
  private(set) var bits = [Double](repeating: 0, count: CacheStatistics.PlaneName.allCases.count)
  private let tables: SymbolTables

  init(_ tables: SymbolTables) { self.tables = tables }

  mutating func number(_ value: Int, _ context: Int) -> Int {
    let (symbol, extra) = SymbolCode.symbol(value)
    add(Double(extra), context)
    _ = self.symbol(symbol, context)
    return value
  }

  mutating func symbol(_ value: Int, _ context: Int) -> Int {
    let row = Int(tables.layout[context]) << 8
    let known = tables.slots[row | value] & 0xFFFF
    let share = known > 0 ? known : tables.slots[row | SymbolCode.escape] & 0xFFFF
    add(Double(SymbolTable.totalBits) - log2(Double(share)) + (known > 0 ? 0 : 8), context)
    return value
  }

  private mutating func add(_ cost: Double, _ context: Int) {
    bits[CodingContext.plane(of: context).rawValue] += cost
  }
}
