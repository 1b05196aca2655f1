extension CacheReader {
  /// The statistics of up to `limit` sequences, spread evenly over the cache.
  public func statistics(limit: Int = 64) throws(ShardError) -> CacheStatistics {
    var sums = StatisticsSums()
    let step = max(1, count / max(limit, 1))
    for index in stride(from: 0, to: count, by: step) {
      let sequence = try sequence(at: index)
      sums.add(sequence.targets)
      sums.add(bits: try costs(of: sequence, at: index))
    }
    return sums.means
  }
}

/// The sums that the statistics are means of.
private struct StatisticsSums {
  private var tokens = 0
  private var entries = 0.0
  private var mass = 0.0
  private var entropy = 0.0
  private var next = 0.0
  private var bits: [Double] = []

  /// Adds the bits of the kinds of numbers.
  mutating func add(bits more: [Double]) {
    if bits.count < more.count { bits = Array(repeating: 0, count: more.count) }
    for (kind, count) in more.enumerated() { bits[kind] += count }
  }

  /// Adds the rows of a sequence.
  mutating func add(_ targets: Targets) {
    tokens += targets.count
    switch targets {
    case .sparse(let rows):
      entries += Double(rows.ids.count)
      mass += rows.values.reduce(0) { $0 + Double($1) }
      add(rows.entropy, rows.nextLogProbability)
    case .dense(let rows):
      entries += Double(rows.logProbabilities.count)
      // A dense row is renormalised on reading.
      mass += Double(rows.count)
      add(rows.entropy, rows.nextLogProbability)
    }
  }

  private mutating func add(_ rowEntropy: [Float], _ rowNext: [Float]) {
    entropy += rowEntropy.reduce(0) { $0 + Double($1) }
    next -= rowNext.reduce(0) { $0 + Double($1) }
  }

  /// The means over the positions so far.
  var means: CacheStatistics {
    let count = Double(max(tokens, 1))
    return CacheStatistics(
      tokens: tokens, entriesPerToken: entries / count, meanMass: mass / count,
      meanEntropy: entropy / count, meanNextTokenNLL: next / count,
      planes: zip(CacheStatistics.PlaneName.allCases, bits).map {
        .init(name: $0, bytesPerToken: $1 / 8 / count)
      })
  }
}
