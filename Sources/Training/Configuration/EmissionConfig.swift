import Base
public import Shards

/// A cache that a teacher's own training writes from its forward passes. (`emit_cache:`)
public struct EmissionConfig: Sendable, Equatable {
  /// The folder of the cache.
  public var path: String
  /// How the distributions are stored.
  public var codec = CacheCodec.threshold(
    threshold: CacheCodec.usualThreshold(temperature: 1), temperature: 1)
  /// The independent draws of every position.
  public var draws = 1
  /// What the samples are drawn from.
  public var seed = 0
  /// The sequences of a shard file.
  public var sequencesPerShard = 64
  /// The share of the steps that pass before the first sequence is stored: an early teacher knows
  /// little, and what it says harms (Pre-training Distillation, arXiv 2410.16215).
  public var from = 0.0

  /// An emission with the defaults.
  public init(path: String) { self.path = path }

  /// The first step, counted from 0, whose forward passes are stored.
  public func firstStep(of steps: Int) -> Int {
    min(steps - 1, Int((from * Double(steps)).rounded(.up)))
  }
}

extension EmissionConfig {
  enum Key: String, ConfigKey {
    case path, codec, threshold, entries, samples, temperature, draws, seed
    case sequencesPerShard = "sequences_per_shard"
    case from
  }

  private enum Codec: String, CaseIterable {
    case threshold, topk, sample, dense

    /// The key of the codec's own number.
    var key: Key? {
      switch self {
      case .threshold: .threshold
      case .topk: .entries
      case .sample: .samples
      case .dense: nil
      }
    }
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    path = try section.string(.path)
    let name = try section.optionalChoice(.codec, of: Codec.self) ?? .threshold
    for key in [Key.threshold, .entries, .samples] where key != name.key && section[key] != nil {
      throw section.conflict(
        key, "'\(key.rawValue)' means nothing to the codec \(name.rawValue); remove it")
    }
    codec = try Self.codec(name, section)
    draws = try section.optionalInteger(.draws, .within(1...256)) ?? draws
    guard draws == 1 || codec.isRandom else {
      throw section.conflict(.draws, "all draws of \(name.rawValue) are alike; remove draws")
    }
    seed = try section.optionalInteger(.seed, .atLeast(0)) ?? seed
    let most = 1 << 20
    sequencesPerShard =
      try section.optionalInteger(.sequencesPerShard, .within(1...most)) ?? sequencesPerShard
    from = try section.optionalNumber(.from, .within(0..<1)) ?? from
  }

  private static func codec(
    _ name: Codec, _ section: ConfigSection<Key>
  ) throws(ConfigError) -> CacheCodec {
    let temperature = try section.optionalNumber(.temperature, .within(0.01...100)) ?? 1
    switch name {
    case .threshold:
      let threshold =
        try section.optionalNumber(.threshold, .within(0.0001...1))
        ?? CacheCodec.usualThreshold(temperature: temperature)
      return .threshold(threshold: threshold, temperature: temperature)
    case .topk:
      let entries = try section.optionalInteger(.entries, .within(1...4096)) ?? 50
      return .topk(entries: entries, temperature: temperature)
    case .sample:
      let samples = try section.optionalInteger(.samples, .within(1...4096)) ?? 50
      return .sample(samples: samples, temperature: temperature)
    case .dense: return .dense(temperature: temperature)
    }
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    var entries: Int?
    var samples: Int?
    if case .topk(let count, _) = codec { entries = count }
    if case .sample(let count, _) = codec { samples = count }
    return [
      .path: .string(path), .codec: .string(codec.name),
      .threshold: .optional(codec.threshold) { .double($0) },
      .entries: .optional(entries) { .int($0) }, .samples: .optional(samples) { .int($0) },
      .temperature: .double(codec.temperature), .draws: .int(draws), .seed: .int(seed),
      .sequencesPerShard: .int(sequencesPerShard), .from: .double(from),
    ]
  }
}
