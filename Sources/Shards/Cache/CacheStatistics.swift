/// What a cache's frames hold on average, for `cache inspect`.
public struct CacheStatistics: Sendable, Equatable, Codable {
  /// One plane of the frames.
  public struct Plane: Sendable, Equatable, Codable {
    /// The plane's name.
    public var name: String
    /// Its bytes a token before compression.
    public var rawBytesPerToken: Double
    /// Its bytes a token when compressed alone: what it adds to the frame, but for a few bytes.
    public var bytesPerToken: Double
  }

  /// The number of positions that were looked at.
  public var tokens: Int
  /// Stored entries a position; V for dense targets.
  public var entriesPerToken: Double
  /// The mean of the stored mass Σt, 1 in expectation.
  public var meanMass: Double
  /// The mean entropy of the teacher, in nats.
  public var meanEntropy: Double
  /// The mean negative log-probability of the true next token under the teacher, in nats.
  public var meanNextTokenNLL: Double
  /// The planes in file order.
  public var planes: [Plane]
}

extension CacheReader {
  /// The statistics of up to `limit` sequences, spread evenly over the cache.
  public func statistics(limit: Int = 64) throws(ShardError) -> CacheStatistics {
    var sums = StatisticsSums()
    let step = max(1, count / max(limit, 1))
    for index in stride(from: 0, to: count, by: step) {
      let sequence = try sequence(at: index)
      sums.add(sequence.targets)
      let planes = try planes(of: sequence, at: index)
      for section in planes.sections { try sums.add(section, level: planes.level) }
    }
    return sums.means
  }
}

/// The sums that the statistics are means of.
private struct StatisticsSums {
  private var tokens = 0
  private var (entries, mass, entropy, next) = (0.0, 0.0, 0.0, 0.0)
  private var planes: [(name: String, raw: Int, stored: Int)] = []

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

  mutating func add(_ section: FrameSection, level: Int) throws(ShardError) {
    // The frame's header and checksum are shared by all planes: leave them out.
    let overhead = try ZstdFrame.compress([[]], level: level).count
    let stored =
      section.bytes.isEmpty
      ? 0 : try ZstdFrame.compress([section.bytes], level: level).count - overhead
    if let place = planes.firstIndex(where: { $0.name == section.name }) {
      planes[place].raw += section.bytes.count
      planes[place].stored += stored
    } else {
      planes.append((section.name, section.bytes.count, stored))
    }
  }

  var means: CacheStatistics {
    let count = Double(max(tokens, 1))
    return CacheStatistics(
      tokens: tokens, entriesPerToken: entries / count, meanMass: mass / count,
      meanEntropy: entropy / count, meanNextTokenNLL: next / count,
      planes: planes.map {
        .init(
          name: $0.name, rawBytesPerToken: Double($0.raw) / count,
          bytesPerToken: Double($0.stored) / count)
      })
  }
}
