import Base
import Foundation
import Training

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
    try AtomicFile.write(
      try JSONEncoder.ofRuns.line(record), to: path(config))
  }
}
