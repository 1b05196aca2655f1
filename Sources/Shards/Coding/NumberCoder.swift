import Foundation

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

/// Counts symbols and extra bits, for the tables.
struct SymbolCounter: NumberCoder {
  /// A coder of this kind is given its numbers.
  static let reads = false
  private var counts = [Int](repeating: 0, count: CodingContext.count * 256)
  /// The bits that no table models.
  private(set) var extraBits = 0

  mutating func number(_ value: Int, _ context: Int) -> Int {
    let (symbol, extra) = SymbolCode.symbol(value)
    counts[context << 8 | symbol] += 1
    extraBits += extra
    return value
  }

  mutating func symbol(_ value: Int, _ context: Int) -> Int {
    counts[context << 8 | value] += 1
    return value
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

/// Adds up what numbers cost, for statistics.
struct CostMeter: NumberCoder {
  /// A coder of this kind is given its numbers.
  static let reads = false
  /// Bits by plane.
  private(set) var bits = [Double](repeating: 0, count: CacheStatistics.PlaneName.allCases.count)
  private let tables: SymbolTables

  /// A meter that has met nothing yet.
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
