import Foundation

/// Which arms a rule has stopped so far, for the estimate of what is left. (`halving.json`)
///
/// The decisions themselves are made again from the measurements, whenever the comparison goes on.
struct HalvingRecord: Codable, Equatable {
  /// The shares of the steps after which arms are judged.
  let at: [Double]
  /// The share of the arms that goes on.
  let keep: Double
  /// All arms of the comparison.
  let arms: [String]
  /// Those that were stopped.
  var stopped: [String]

  /// A record of no decision, for a comparison with a rule.
  init?(_ config: ComparisonConfig) {
    guard let rule = config.halving else { return nil }
    (at, keep, arms, stopped) = (rule.shares, rule.keep, config.arms.map(\.name), [])
  }

  private static func path(_ config: ComparisonConfig) -> String { config.output + "/halving.json" }

  /// The arms that were stopped by the rule that a comparison has now.
  static func stopped(_ config: ComparisonConfig) -> [String] {
    guard var now = HalvingRecord(config),
      let bytes = FileManager.default.contents(atPath: path(config)),
      let found = try? JSONDecoder.ofRuns.decode(HalvingRecord.self, from: bytes)
    else { return [] }
    now.stopped = found.stopped
    return now == found ? found.stopped : []
  }

  /// Keeps which arms were stopped.
  static func write(_ stopped: [String], for config: ComparisonConfig) throws {
    guard var record = HalvingRecord(config) else { return }
    record.stopped = stopped
    try AtomicFile.write(
      try JSONEncoder.ofRuns.encode(record) + Data("\n".utf8), to: path(config))
  }
}
