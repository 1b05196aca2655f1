import Foundation

/// Arms in the order of their held-out NLL, and which of them can be told apart.
package struct Ranking: Sendable, Equatable {
  /// The fewest seeds with which a difference is claimed.
  package static let fewestSeedsOfAClaim = 5

  /// The arms, best first; those with a diverged run, or without any run, last.
  package let arms: [RankedArm]
  /// The arm that the others are compared with; nil compares every two.
  package let baseline: String?
  /// The pairs of arms that were to be compared, share a seed and have no diverged run, in the order
  /// of the ranking.
  package let pairs: [RankedPair]

  /// Ranks arms.
  ///
  /// - Parameters:
  ///   - arms: The arms, each name once, all runs scored on the same documents.
  ///   - baseline: The arm that the others are compared with: planned comparisons, the only ones
  ///     that p-values are corrected for. nil compares every two.
  ///   - bootstrap: The resampling of documents.
  /// - Throws: ``StatisticsError``.
  package init(
    _ arms: [ArmScores], baseline: String? = nil,
    bootstrap: DocumentBootstrap = DocumentBootstrap()
  ) throws(StatisticsError) {
    if let name = Self.repeated(arms.map(\.name)) { throw .repeatedArm(name: name) }
    let resampled = try ResampledArms(arms, bootstrap)
    let ranked = zip(arms, resampled.arms).map { arm, runs in
      RankedArm(name: arm.name, runs: runs.mapValues(\.mean))
    }
    let order = ranked.indices.sorted { Self.place(ranked[$0], $0) < Self.place(ranked[$1], $1) }
    self.arms = order.map { ranked[$0] }
    self.baseline = baseline
    pairs = Self.pairs(order, ranked, resampled) { one, other in
      baseline == nil || one == baseline || other == baseline
    }
  }

  /// Finite means ascending, then those with the fewest diverged runs, then those without a run;
  /// equals in the order given.
  private static func place(_ arm: RankedArm, _ index: Int) -> (Int, Double, Int) {
    if arm.seeds.isEmpty { return (.max, 0, index) }
    return (arm.divergedSeeds.count, arm.isDiverged ? 0 : arm.mean, index)
  }

  private static func repeated(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
  }

  private static func pairs(
    _ order: [Int], _ ranked: [RankedArm], _ resampled: ResampledArms,
    isPlanned: (String, String) -> Bool
  ) -> [RankedPair] {
    let usable = order.filter { !ranked[$0].isDiverged }
    let found = usable.indices.flatMap { place in
      usable[(place + 1)...].compactMap { second -> (Int, Int, PairedComparison)? in
        guard isPlanned(ranked[usable[place]].name, ranked[second].name) else { return nil }
        return resampled.compare(usable[place], second).map { (usable[place], second, $0) }
      }
    }
    // A pair with one seed or document has no p, and is no test that could go wrong.
    let tested = found.indices.filter { found[$0].2.p != nil }
    let adjusted = HolmCorrection.adjusted(tested.compactMap { found[$0].2.p })
    let values = Dictionary(uniqueKeysWithValues: zip(tested, adjusted))
    return found.enumerated().map { index, pair in
      RankedPair(
        first: ranked[pair.0].name, second: ranked[pair.1].name, comparison: pair.2,
        adjustedP: values[index])
    }
  }

  /// The arm that differences are told from: the baseline, else the best; nil without arms.
  package var reference: String? { baseline ?? arms.first?.name }

  /// The comparison of two arms, whichever ranks higher; nil where there is none.
  package func pair(_ one: String, _ other: String) -> RankedPair? {
    pairs.first {
      ($0.first == one && $0.second == other) || ($0.first == other && $0.second == one)
    }
  }

  /// The best arm, if it is told apart from every other arm over at least five seeds; else nil.
  ///
  /// Arms with a diverged run lose without a test. Beside a baseline there is none: the others are
  /// not compared with each other.
  package var winner: String? {
    let finished = arms.filter { !$0.isDiverged && !$0.seeds.isEmpty }
    guard let best = finished.first, arms.count > 1,
      finished.dropFirst().allSatisfy({ other in
        pair(best.name, other.name).map { $0.isClaim && $0.better == best.name } ?? false
      }), best.seeds.count >= Self.fewestSeedsOfAClaim
    else { return nil }
    return best.name
  }
}

extension Ranking {
  /// The ranking in a plain sentence: who beats whom by how much, and who cannot be told apart.
  ///
  /// The number after ± is half of the 95 % interval of that pair alone; whether two are told apart
  /// is decided after the correction for all pairs. With fewer than five seeds it is an indication,
  /// and called so. Where no pair has a p, that is said instead.
  package var statement: String {
    let clauses = comparedClauses + unusableClauses
    return clauses.isEmpty ? "" : clauses.joined(separator: "; ") + "."
  }

  /// The first clause of the statement: who won, or how many share the first place.
  package var headline: String {
    (comparedClauses.first ?? unusableClauses.first).map { $0 + "." } ?? ""
  }

  private var comparedClauses: [String] { baseline == nil ? orderedClauses : plannedClauses }

  /// The clauses about a baseline: each arm that is told apart from it, and then all that are not.
  private var plannedClauses: [String] {
    guard let baseline else { return [] }
    let told = pairs.filter(\.isToldApart).map(winClause)
    let tied = pairs.filter { !$0.isToldApart }
    guard let first = tied.first else { return told }
    let list = Self.list(tied.map { $0.first == baseline ? $0.second : $0.first })
    let isUntested = tied.allSatisfy { $0.adjustedP == nil }
    return told + [
      isUntested
        ? "\(first.comparison.untested) gives no p for \(list) against \(baseline)"
        : "\(list) cannot be told apart from \(baseline)"
    ]
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
    guard names.count > 1 else { return names.first ?? "" }
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

/// An arm in its place in a ranking.
package struct RankedArm: Sendable, Equatable {
  /// The arm's name.
  package let name: String
  /// Its seeds, ascending.
  package let seeds: [Int]
  /// The held-out NLL of each seed's run, token-weighted over documents, in nats.
  package let scores: [Double]
  /// The mean of these; not finite where a run diverged, nan without any run.
  package let mean: Double
  /// Their standard deviation, with n − 1; nil with one seed or where a run diverged.
  package let standardDeviation: Double?
  /// The seeds whose score is not finite.
  package let divergedSeeds: [Int]

  /// An arm from its seeds' scores.
  init(name: String, runs: [Int: Double]) {
    let ordered = runs.sorted { $0.key < $1.key }
    self.name = name
    seeds = ordered.map(\.key)
    scores = ordered.map(\.value)
    divergedSeeds = ordered.filter { !$0.value.isFinite }.map(\.key)
    let sample = Sample(scores)
    mean = sample.mean
    standardDeviation = mean.isFinite ? sample.standardDeviation : nil
  }

  /// Whether one of its runs diverged.
  package var isDiverged: Bool { !divergedSeeds.isEmpty }
}

/// Holm's step-down correction (1979) of several tests made at once.
///
/// Of twenty pairs of equal schedules one would differ "at 5 %" by chance; of adjusted p-values
/// below 0.05 there is any at all in 5 % of such studies.
package enum HolmCorrection {
  /// The adjusted p-values in the order of the given ones, each at most 1; none of them is nan.
  package static func adjusted(_ values: [Double]) -> [Double] {
    var adjusted = values
    var largest = 0.0
    let order = values.indices.sorted { values[$0] < values[$1] }
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(values.count - rank) * values[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
