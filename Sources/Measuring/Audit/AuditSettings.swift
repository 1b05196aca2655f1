import Shards

/// The positions that an audit measures, and the settings that it compares.
package struct AuditSettings: Sendable, Equatable {
  /// The approximate number of predictions, in whole sequences spread evenly over the cache.
  package var positions = 4096
  /// The temperatures, each a capture of its own.
  package var temperatures = [1.0, 2, 4]
  /// Thresholds to compare with.
  package var thresholds = [0.1, 0.05, 0.03, 0.02, 0.01]
  /// Counts of most probable entries to compare with.
  package var topEntries = [12, 50, 100]
  /// Counts of random draws to compare with.
  package var samples = [25, 50, 100]

  /// The default range.
  package init() {}

  /// The codecs to capture with for the comparison, without the one that the cache has.
  func codecs(besides own: CacheCodec) -> [CacheCodec] {
    temperatures.flatMap { temperature in
      thresholds.map { CacheCodec.threshold(threshold: $0, temperature: temperature) }
        + topEntries.map { .topk(entries: $0, temperature: temperature) }
        + samples.map { .sample(samples: $0, temperature: temperature) }
        + own.at(temperature: temperature)
    }.reduce(into: []) { found, codec in
      if codec != own, !found.contains(codec) { found.append(codec) }
    }
  }

  /// The numbers of the sequences to measure: evenly spread, enough for the positions.
  static func sample(
    count: Int, positions: Int, recordCount: (Int) throws -> Int
  ) rethrows -> [Int] {
    guard count > 0 else { return [] }
    let typical = max(1, try recordCount(0))
    let wanted = min(count, max(1, (positions + typical - 1) / typical))
    return (0..<wanted).map { (2 * $0 + 1) * count / (2 * wanted) }
  }
}

extension CacheCodec {
  /// The same sparse codec at another temperature, if it is one.
  func at(temperature: Double) -> [CacheCodec] {
    isSparse ? [CacheCodec(kind, setting: setting, temperature: temperature)] : []
  }
}
