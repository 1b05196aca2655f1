/// The best of some arms against the best of others, each chosen after the fact.
///
/// One of many arms comes out first by luck alone. So the difference obeys the ranking's own rule: its
/// p is corrected for all pairs, and its interval holds for all of them at once.
public struct ChosenPair: Sendable, Equatable {
  /// The best arm of the first kind.
  public let arm: String
  /// The best arm of the second kind.
  public let other: String
  /// The pair in the ranking, whichever of the two ranks higher.
  public let pair: RankedPair
  /// How many pairs of one arm of each kind there were to choose from.
  public let choices: Int
  /// How many pairs of the ranking were tested.
  public let tests: Int

  /// The NLL of `arm` less that of `other`, in nats.
  public var difference: Double {
    pair.first == arm ? pair.comparison.difference : -pair.comparison.difference
  }

  /// Half the width of a 95 % interval that holds for all tested pairs at once; nil where there is
  /// none.
  public var halfWidth: Double? { pair.comparison.interval(amongst: tests)?.halfWidth }

  /// What it is that gives no p, in words; nil where there is one.
  public var untested: String? { pair.adjustedP == nil ? pair.comparison.untested : nil }
}

extension Ranking {
  /// The best of the arms that are of a kind against the best of the rest; nil unless both have
  /// finished runs that share a seed.
  public func best(where isOfTheKind: (String) -> Bool) -> ChosenPair? {
    let names = arms.filter { !$0.isDiverged && !$0.seeds.isEmpty }.map(\.name)
    let count = names.count(where: isOfTheKind)
    guard let arm = names.first(where: isOfTheKind),
      let other = names.first(where: { !isOfTheKind($0) }), let pair = pair(arm, other)
    else { return nil }
    return ChosenPair(
      arm: arm, other: other, pair: pair, choices: count * (names.count - count),
      tests: pairs.count { $0.adjustedP != nil })
  }
}
