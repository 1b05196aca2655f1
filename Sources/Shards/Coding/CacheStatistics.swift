import Foundation

/// The means of what a cache's frames hold, for `cache inspect`.
public struct CacheStatistics: Sendable, Equatable, Codable {
  /// The numbers of one kind.
  public struct Plane: Sendable, Equatable, Codable {
    /// The plane's name.
    public var name: PlaneName
    /// The mean size of its numbers, in bytes a token.
    public var bytesPerToken: Double
  }

  /// The kinds of numbers in a frame.
  public enum PlaneName: Int, Sendable, Codable, CaseIterable {
    /// The text's own tokens.
    case tokens
    /// The ids of the entries.
    case ids
    /// The probabilities of the entries that have one of their own.
    case values
    /// The counts of the entries.
    case counts
    /// The entropy of the teacher.
    case entropy
    /// The log-probability of the true next token.
    case nextLogProbability
  }

  /// The number of positions that were looked at.
  public var tokens: Int
  /// Stored entries a position; V for dense targets.
  public var entriesPerToken: Double
  /// The mean of the stored mass Σt, 1 in expectation.
  public var meanMass: Double
  /// The mean entropy of the teacher, in nats.
  public var meanEntropy: Double
  /// The mean negative log-probability of the true next token under the teacher, in nats.
  public var meanNextTokenNLL: Double
  /// The size of each kind of number; empty for dense targets.
  public var planes: [Plane]
}

/// Adds up what numbers cost, for statistics.
struct CostMeter: NumberCoder {
  /// Bits by plane.
  private(set) var bits = [Double](repeating: 0, count: CacheStatistics.PlaneName.allCases.count)
  private let tables: SymbolTables

  /// A meter that has met nothing yet.
  init(_ tables: SymbolTables) { self.tables = tables }

  mutating func number(_ value: Int, _ context: Int) {
    let (symbol, extra) = SymbolCode.symbol(value)
    add(Double(extra), context)
    self.symbol(symbol, context)
  }

  mutating func symbol(_ value: Int, _ context: Int) {
    let row = Int(tables.layout[context]) << 8
    let known = tables.slots[row | value] & 0xFFFF
    let share = known > 0 ? known : tables.slots[row | SymbolCode.escape] & 0xFFFF
    add(Double(SymbolTable.totalBits) - log2(Double(share)) + (known > 0 ? 0 : 8), context)
  }

  private mutating func add(_ cost: Double, _ context: Int) {
    bits[CodingContext.plane(of: context).rawValue] += cost
  }
}
