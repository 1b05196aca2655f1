package import Base
package import Capture

/// Held-out measurements on the way. (`evaluation:`)
package struct EvaluationConfig: Sendable, Equatable {
  /// The steps between two measurements; nil measures at the end only.
  package var every: Int?
  /// The most tokens that are scored, of documents taken by their hashes; nil scores all.
  package var tokens: Int?
  /// The rule for a run that trains on what is scored.
  package var overlap = OverlapRule.refuse
  /// The data that are scored.
  package var data: DataConfig
}

extension EvaluationConfig {
  package enum Key: String, ConfigKey {
    case every, tokens, overlap, data
  }

  package init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    every = try section.optionalInteger(.every, .count)
    tokens = try section.optionalInteger(.tokens, .tokens)
    overlap = try section.optionalChoice(.overlap, of: OverlapRule.self) ?? overlap
    data = try DataConfig(try section.required(.data))
  }

  /// The section as it is written into a run directory.
  package var resolved: ResolvedSection<Key> {
    [
      .every: .optional(every) { .int($0) }, .tokens: .optional(tokens) { .int($0) },
      // Left out where it is the default: runs from before it was there go on.
      .overlap: overlap == .refuse ? .null : .string(overlap.rawValue),
      .data: data.resolved.value,
    ]
  }
}
