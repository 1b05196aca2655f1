import Foundation

extension Ranking {
  /// The ranking in a plain sentence: who beats whom by how much, and who cannot be told apart.
  ///
  /// The number after ± is half of the 95 % interval of that pair alone; whether two are told apart
  /// is decided after the correction for all pairs. With fewer than five seeds it is an indication,
  /// and called so. Where no pair has a p, that is said instead.
  public var statement: String {
    let clauses = orderedClauses + unusableClauses
    return clauses.isEmpty ? "" : clauses.joined(separator: "; ") + "."
  }

  /// The first clause of the statement: who won, or how many share the first place.
  public var headline: String {
    (orderedClauses.first ?? unusableClauses.first).map { $0 + "." } ?? ""
  }

  /// The clauses about arms that have been compared.
  private var orderedClauses: [String] {
    let names = arms.filter { !$0.isDiverged && !$0.seeds.isEmpty }.map(\.name)
    let ties = ties(names)
    var clauses: [String] = []
    for (index, tie) in ties.enumerated() {
      if tie.count > 1 { clauses.append(tieClause(tie.map { names[$0] })) }
      guard index + 1 < ties.count else { break }
      // The arm before the next run of ties is told apart from the one after this run.
      let (above, below) = (ties[index + 1].lowerBound - 1, tie.upperBound)
      if let pair = pair(names[above], names[below]) { clauses.append(winClause(pair)) }
    }
    return clauses
  }

  /// The longest runs of neighbours of which no two are told apart, each of at least one arm.
  private func ties(_ names: [String]) -> [Range<Int>] {
    var ties: [Range<Int>] = []
    for start in names.indices {
      var end = start + 1
      while end < names.count, isTied(names[end], with: names[start..<end]) { end += 1 }
      if end > ties.last?.upperBound ?? 0 { ties.append(start..<end) }
    }
    return ties
  }

  private func isTied(_ name: String, with others: ArraySlice<String>) -> Bool {
    others.allSatisfy { pair($0, name)?.isToldApart != true }
  }

  private func winClause(_ pair: RankedPair) -> String {
    let difference = abs(pair.comparison.difference)
    let width = pair.comparison.interval?.halfWidth ?? 0
    let seeds = pair.comparison.seeds.count
    let places = Self.places(width > 0 ? width : difference)
    let size =
      [difference, width].map { String(format: "%.\(places)f", $0) }
      .joined(separator: " ± ") + " nats"
    return pair.isClaim
      ? "\(pair.better) beats \(pair.worse) by \(size) (\(seeds) seeds)"
      : "\(pair.better) seems to beat \(pair.worse) by \(size) (\(seeds) seeds: an indication, "
        + "five are needed for a claim)"
  }

  private func tieClause(_ names: [String]) -> String {
    let pairs = names.indices.flatMap { first in
      names[(first + 1)...].compactMap { pair(names[first], $0) }
    }
    let seeds = pairs.map(\.comparison.seeds.count).min() ?? 0
    let list = Self.list(names)
    if let pair = pairs.first, pairs.allSatisfy({ $0.adjustedP == nil }) {
      return "\(pair.comparison.untested) gives no p for \(list)"
    }
    guard seeds < Self.fewestSeedsOfAClaim else { return "\(list) cannot be told apart" }
    return "\(list) cannot be told apart (\(seeds) seed\(seeds == 1 ? "" : "s"))"
  }

  /// Names, or of many the first and the last of the ranking.
  private static func list(_ names: [String]) -> String {
    guard names.count > 3 else {
      return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }
    return "the \(names.count) arms from \(names[0]) to \(names[names.count - 1])"
  }

  /// The clauses about arms that have not been compared.
  private var unusableClauses: [String] {
    arms.compactMap { arm in
      if arm.seeds.isEmpty { return "\(arm.name) has no finished run" }
      guard arm.isDiverged else { return nil }
      let seeds = arm.divergedSeeds.map(String.init).joined(separator: ", ")
      let noun = arm.divergedSeeds.count == 1 ? "seed" : "seeds"
      return "\(arm.name) diverged (\(noun) \(seeds))"
    }
  }

  /// Three decimals, or as many as show a digit of a small number.
  private static func places(_ value: Double) -> Int {
    guard value > 0, value < 0.0005 else { return 3 }
    return min(12, Int(-log10(value).rounded(.down)))
  }
}
