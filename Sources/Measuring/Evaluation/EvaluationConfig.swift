package import Base
package import Capture

/// The weights that a finished run leaves. (`evaluation.keep`)
package enum KeptWeights: String, Sendable, CaseIterable {
  /// Those after the last step.
  case last
  /// Those of the evaluation with the least held-out loss, the first of equals.
  case best
}

/// Held-out measurements on the way. (`evaluation:`)
package struct EvaluationConfig: Sendable, Equatable {
  /// The steps between two measurements; nil measures at the end only.
  package var every: Int?
  /// The most tokens that are scored, of documents taken by their hashes; nil scores all.
  package var tokens: Int?
  /// The rule for a run that trains on what is scored.
  package var overlap = OverlapRule.refuse
  /// The weights that the finished run leaves.
  package var keep = KeptWeights.last
  /// The evaluations in a row without a new least loss after which the run ends; nil never ends it.
  package var patience: Int?
  /// The data that are scored.
  package var data: DataConfig
}

extension EvaluationConfig {
  package enum Key: String, ConfigKey {
    case every, tokens, overlap, keep, patience, data
  }

  package init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    every = try section.optionalInteger(.every, .count)
    tokens = try section.optionalInteger(.tokens, .tokens)
    overlap = try section.optionalChoice(.overlap, of: OverlapRule.self) ?? overlap
    keep = try section.optionalChoice(.keep, of: KeptWeights.self) ?? keep
    patience = try section.optionalInteger(.patience, .count)
    data = try DataConfig(try section.required(.data))
    try requireChoice(section)
  }

  /// Throws where there is nothing to choose from, or nobody who chooses.
  private func requireChoice(_ section: ConfigSection<Key>) throws(ConfigError) {
    guard patience == nil || keep == .best else {
      throw section.conflict(
        .patience,
        "patience waits for better weights, which keep: last would not keep; set keep: best")
    }
    guard keep == .last || every != nil else {
      throw section.conflict(
        .keep, "keep: best chooses among evaluations on the way, and there are none; set every")
    }
  }

  /// The section as it is written into a run directory.
  package var resolved: ResolvedSection<Key> {
    [
      .every: .optional(every) { .int($0) }, .tokens: .optional(tokens) { .int($0) },
      // Left out where it is the default: runs from before it was there go on.
      .overlap: overlap == .refuse ? .null : .string(overlap.rawValue),
      .keep: keep == .last ? .null : .string(keep.rawValue),
      .patience: .optional(patience) { .int($0) },
      .data: data.resolved.value,
    ]
  }
}
