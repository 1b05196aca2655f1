package import Base
package import Shards

/// Why no threshold keeps to a budget.
package enum BudgetError: Error, CustomStringConvertible {
  /// Even τ = 1 stores more.
  case tooSmall(budget: CaptureBudget, least: Double)

  /// One line: the option, what was asked for, and what there is.
  package var description: String {
    switch self {
    case .tooSmall(.entriesPerToken(let entries), let least):
      "--entries-per-token \(entries): even τ = 1 keeps \(Self.up(least)); ask for at least that"
    case .tooSmall(.bytesPerToken(let bytes), let least):
      "--bytes-per-token \(bytes): even τ = 1 takes \(Self.up(least)); ask for at least that,"
        + " or cache more tokens, which share the fixed costs"
    }
  }

  /// Rounded up to two decimals, so that what is named is enough.
  static func up(_ value: Double) -> String { "\((value * 100).rounded(.up) / 100)" }
}

extension BudgetError: ExitStatusError {
  package var exitStatus: ExitStatus { .willNotFit }
}
