import Base
import Foundation
import Training

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

/// The arms that a rule has stopped so far, and the shares of their steps after which it did.
/// (`halving.json`)
///
/// The decisions are made again from the measurements whenever the comparison goes on; this is for
/// the estimate of what is left, and for those that can no longer be made: a run that went past a
/// share has lost its checkpoint of it, and cannot be measured there on another text.
struct HalvingRecord: Codable, Equatable {
  /// An arm that was stopped.
  struct Stop: Codable, Equatable {
    /// The arm's name.
    let arm: String
    /// The share of the steps after which it was.
    let share: Double
  }

  /// The shares of the steps after which arms are judged.
  let at: [Double]
  /// The share of the arms that goes on.
  let keep: Double
  /// All arms of the comparison.
  let arms: [String]
  /// Those that were stopped.
  var stops: [Stop]

  /// A record of no decision, for a comparison with a rule.
  init?(_ config: ComparisonConfig) {
    guard let rule = config.halving else { return nil }
    at = rule.shares
    keep = rule.keep
    arms = config.arms.map(\.name)
    stops = []
  }

  private static func path(_ config: ComparisonConfig) -> String { config.output + "/halving.json" }

  /// The arms that were stopped by the rule that a comparison has now.
  static func stops(_ config: ComparisonConfig) -> [Stop] {
    guard var now = HalvingRecord(config),
      let bytes = try? OpenedFile(reading: path(config)).readAll(),
      let found = try? JSONDecoder.ofRuns.decode(HalvingRecord.self, from: Data(bytes))
    else { return [] }
    now.stops = found.stops
    return now == found ? found.stops : []
  }

  /// Keeps which arms were stopped.
  static func write(_ stops: [Stop], for config: ComparisonConfig) throws {
    guard var record = HalvingRecord(config) else { return }
    record.stops = stops
    try AtomicFile.write(try JSONEncoder.ofRuns.line(record), to: path(config))
  }
}
