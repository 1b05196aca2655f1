/// Arms in the order of their held-out NLL, and which of them can be told apart.
public struct Ranking: Codable, Sendable, Equatable {
  /// The fewest seeds with which a difference is claimed.
  public static let fewestSeedsOfAClaim = 5

  /// The arms, best first; those with a diverged run, or without any run, last.
  public let arms: [RankedArm]
  /// All pairs of arms that share a seed and have no diverged run, in the order of the ranking.
  public let pairs: [RankedPair]

  /// Ranks arms.
  ///
  /// - Parameters:
  ///   - arms: The arms, each name once, all runs scored on the same documents.
  ///   - bootstrap: How documents are resampled.
  /// - Throws: ``StatisticsError``.
  public init(
    _ arms: [ArmScores], bootstrap: DocumentBootstrap = DocumentBootstrap()
  ) throws(StatisticsError) {
    if let name = Self.repeated(arms.map(\.name)) { throw .repeatedArm(name: name) }
    let resampled = try ResampledArms(arms, bootstrap)
    let ranked = zip(arms, resampled.arms).map { arm, runs in
      RankedArm(name: arm.name, runs: runs.mapValues(\.mean))
    }
    let order = ranked.indices.sorted { Self.place(ranked[$0], $0) < Self.place(ranked[$1], $1) }
    self.arms = order.map { ranked[$0] }
    pairs = Self.pairs(order, ranked, resampled)
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
    _ order: [Int], _ ranked: [RankedArm], _ resampled: ResampledArms
  ) -> [RankedPair] {
    let usable = order.filter { !ranked[$0].isDiverged }
    let found = usable.indices.flatMap { place in
      usable[(place + 1)...].compactMap { second in
        resampled.compare(usable[place], second).map { (usable[place], second, $0) }
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

  /// The comparison of two arms, whichever ranks higher; nil where there is none.
  public func pair(_ one: String, _ other: String) -> RankedPair? {
    pairs.first {
      ($0.first == one && $0.second == other) || ($0.first == other && $0.second == one)
    }
  }

  /// Each arm with the next, in the order of the ranking; arms without a comparison left out.
  public var neighbours: [RankedPair] {
    zip(arms, arms.dropFirst()).compactMap { pair($0.name, $1.name) }
  }

  /// The best arm, if it is told apart from every other arm over at least five seeds; else nil.
  ///
  /// Arms with a diverged run lose without a test.
  public var winner: String? {
    let finished = arms.filter { !$0.isDiverged && !$0.seeds.isEmpty }
    guard let best = finished.first, arms.count > 1,
      finished.dropFirst().allSatisfy({ other in
        pair(best.name, other.name).map { $0.isClaim && $0.better == best.name } ?? false
      }), best.seeds.count >= Self.fewestSeedsOfAClaim
    else { return nil }
    return best.name
  }
}
