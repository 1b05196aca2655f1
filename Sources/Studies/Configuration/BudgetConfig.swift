import Base

/// The effort that all runs of a comparison have alike, whatever their configs say. (`equal:`)
package enum BudgetConfig: Sendable, Equatable {
  /// The optimizer steps.
  case steps(Int)
  /// The predictions trained on, to a whole number of steps.
  case tokens(Int)
  /// The seconds of training together with a student's share of making its cache.
  ///
  /// `training.steps` or its epochs are then the most steps, and learning rates that fall do so over these.
  case seconds(Double)
}

extension BudgetConfig {
  enum Key: String, ConfigKey { case steps, tokens, seconds }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let given = [Key.steps, .tokens, .seconds].filter { section[$0] != nil }
    guard let first = given.first else {
      throw node.invalid("steps, tokens or seconds with their number")
    }
    guard given.count == 1 else {
      throw section.conflict(given[1], "give one of steps, tokens and seconds, not several")
    }
    switch first {
    case .steps: self = .steps(try section.integer(.steps, .count))
    case .tokens: self = .tokens(try section.integer(.tokens, .tokens))
    case .seconds: self = .seconds(try section.number(.seconds, .above(0)))
    }
  }

  /// The keys of a run's config that the budget sets in place of the run.
  var keys: [String] {
    switch self {
    case .steps, .tokens: ["training.steps", "training.epochs"]
    case .seconds: ["training.max_seconds"]
    }
  }

  /// The `a.b=value` arguments that give a run its budget.
  ///
  /// - Parameters:
  ///   - arm: The run's arm.
  ///   - cachingSeconds: The run's share of making its cache.
  ///   - tokensPerStep: The predictions of an optimizer step of the run.
  /// - Returns: The arguments.
  /// - Throws: `ConfigError` at the arm's place, where nothing is left for the run.
  func overrides(
    _ arm: ComparisonArm, cachingSeconds: Double, tokensPerStep: Int
  ) throws(ConfigError) -> [String] {
    switch self {
    case .steps(let steps): return Self.length(steps)
    case .tokens(let tokens):
      guard tokens >= tokensPerStep else {
        throw .conflict(
          arm.place, problem: "'\(arm.name)' takes \(tokensPerStep) tokens a step, more than equal")
      }
      return Self.length(tokens / tokensPerStep)
    case .seconds(let seconds):
      guard seconds > cachingSeconds else {
        throw .conflict(
          arm.place,
          problem: "the cache of '\(arm.name)' alone took \(cachingSeconds) s of a student's time, "
            + "and equal leaves \(seconds) for all; raise it, or students")
      }
      return ["training.max_seconds=\(seconds - cachingSeconds)"]
    }
  }

  /// A number of steps, also in place of epochs.
  private static func length(_ steps: Int) -> [String] {
    ["training.steps=\(steps)", "training.epochs="]
  }
}

extension BudgetConfig: Encodable {
  /// Encodes the kind with its number.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .steps(let steps): try encoder.encode(["steps": steps])
    case .tokens(let tokens): try encoder.encode(["tokens": tokens])
    case .seconds(let seconds): try encoder.encode(["seconds": seconds])
    }
  }
}
