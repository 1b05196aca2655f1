import Base
package import Shards

/// A cache that a teacher's own training writes from its forward passes. (`emit_cache:`)
package struct EmissionConfig: Sendable, Equatable {
  /// The folder of the cache.
  package var path: String
  /// The codec that stores the distributions.
  package var codec = CacheCodec(.threshold, temperature: 1)
  /// The independent draws of every position.
  package var draws = 1
  /// The seed of the samples.
  package var seed = 0
  /// The sequences of a shard file.
  package var sequencesPerShard = 64
  /// The share of the steps that pass before the first sequence is stored: an early teacher knows
  /// little, and what it says harms (Pre-training Distillation, arXiv 2410.16215).
  package var from = 0.0

  /// The first step, counted from 0, whose forward passes are stored.
  package func firstStep(of steps: Int) -> Int {
    min(steps - 1, Int((from * Double(steps)).rounded(.up)))
  }
}

extension EmissionConfig {
  enum Key: String, ConfigKey {
    case path, codec, threshold, entries, samples, temperature, draws, seed
    case sequencesPerShard = "sequences_per_shard"
    case from
  }

  /// The keys of the codecs' own numbers.
  private static let settings = CodecKind.allCases.compactMap(\.setting?.key).compactMap(Key.init)

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    path = try section.string(.path)
    let kind = try section.optionalChoice(.codec, of: CodecKind.self) ?? .threshold
    for key in Self.settings where key.rawValue != kind.setting?.key && section[key] != nil {
      throw section.conflict(
        key, "'\(key.rawValue)' means nothing to the codec \(kind.rawValue); remove it")
    }
    codec = try Self.codec(kind, section)
    draws = try section.optionalInteger(.draws, .within(1...256)) ?? draws
    guard draws == 1 || codec.isRandom else {
      throw section.conflict(.draws, "all draws of \(kind.rawValue) are alike; remove draws")
    }
    seed = try section.optionalInteger(.seed, .atLeast(0)) ?? seed
    let most = 1 << 20
    sequencesPerShard =
      try section.optionalInteger(.sequencesPerShard, .within(1...most)) ?? sequencesPerShard
    from = try section.optionalNumber(.from, .within(0..<1)) ?? from
  }

  private static func codec(
    _ kind: CodecKind, _ section: ConfigSection<Key>
  ) throws(ConfigError) -> CacheCodec {
    let temperature = try section.optionalNumber(.temperature, .within(0.01...100)) ?? 1
    var number: Double?
    if let setting = kind.setting, let key = Key(rawValue: setting.key) {
      number =
        setting.isWhole
        ? try section.optionalInteger(key, .within(setting.wholeRange)).map(Double.init)
        : try section.optionalNumber(key, .within(setting.range))
    }
    return CacheCodec(kind, setting: number, temperature: temperature)
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    let own = codec.kind.setting.flatMap { Key(rawValue: $0.key) }
    let isWhole = codec.kind.setting?.isWhole ?? false
    return [
      .path: .string(path), .codec: .string(codec.name),
      own ?? .threshold: .optional(codec.setting) { isWhole ? .int(Int($0)) : .double($0) },
      .temperature: .double(codec.temperature), .draws: .int(draws), .seed: .int(seed),
      .sequencesPerShard: .int(sequencesPerShard), .from: .double(from),
    ]
  }
}
