/// One judgement of a comparison's arms before their end.
package struct HalvingRound: Sendable, Equatable {
  /// An arm as it was judged.
  package struct Standing: Sendable, Equatable {
    /// The arm's name.
    package var arm: String
    /// The mean held-out NLL of its seeds; not finite where a run diverged.
    package var nll: Double
    /// Whether it may stop: an arm whose runs are all finished gains nothing by it.
    package var mayStop: Bool
  }

  /// The share of their steps that the arms had made.
  package var share: Double
  /// The arms, best first; those that could not be judged are left out.
  package var standings: [Standing]
  /// The names of those that stop.
  package var stopped: [String]

  /// Judges arms: of all that are in the race, the worst stop.
  ///
  /// An arm that could not be judged goes on. Equals stay in their order, what is no number is
  /// worst.
  init(share: Double, _ standings: [Standing], racing: Int, rule: HalvingConfig) {
    self.share = share
    let ranked = Self.ranked(standings)
    self.standings = ranked
    let excess = min(racing - rule.survivors(of: racing), max(ranked.count - 1, 0))
    stopped = ranked.suffix(max(excess, 0)).filter(\.mayStop).map(\.arm)
  }

  /// A judgement that was made before, and holds.
  init(share: Double, _ standings: [Standing], recorded stopped: [String]) {
    self.share = share
    self.standings = Self.ranked(standings)
    self.stopped = stopped
  }

  private static func ranked(_ standings: [Standing]) -> [Standing] {
    standings.enumerated().sorted {
      (place($0.element), $0.offset) < (place($1.element), $1.offset)
    }.map(\.element)
  }

  private static func place(_ standing: Standing) -> Double {
    standing.nll.isNaN ? .infinity : standing.nll
  }
}
