package import Base
package import Measuring
package import Training

/// Everything that describes a `codistill compare`: what is compared, and what it is measured on.
package struct ComparisonConfig: Sendable {
  /// An arm with a seed: one training.
  package struct Run: Sendable {
    /// The arm.
    package var arm: ComparisonArm
    /// The seed; nil leaves it to the arm's config.
    package var seed: Int?

    /// The arm's name and, where the comparison has seeds, the seed's.
    package var name: String { seed.map { "\(arm.name)/seed-\($0)" } ?? arm.name }

    /// The run's own config, with its seed, its folder and `a.b=value` arguments over all others.
    package func runConfig(
      output: String, overrides: [String] = []
    ) throws(ConfigError) -> RunConfig {
      var arm = arm
      arm.overrides += overrides
      var config = try arm.runConfig()
      if let seed { config.training.seed = seed }
      config.output = output
      return config
    }
  }

  /// The arms to compare, in the order of the config; their names differ.
  package var arms: [ComparisonArm]
  /// The seeds that every arm is trained with; empty leaves them to the arms' configs.
  package var seeds: [Int]
  /// The effort that all runs have alike; nil leaves it to their configs.
  package var budget: BudgetConfig?
  /// The students that share a cache, so that each counts as many parts of its making.
  package var students: Int
  /// The live teacher's checkpoint; nil measures no KL.
  package var teacher: String?
  /// The texts that all runs are measured on, the one that ranks the arms first.
  package var sets: [HeldOutSet]
  /// The arm that the others are compared with; nil compares every two.
  package var baseline: String?
  /// The rule for a run that trains on text that all are measured on.
  package var overlap: OverlapRule
  /// Whether models may read more tokens at once than they were made for.
  package var beyondContext: Bool
  /// The beginnings of the texts that each student continues.
  package var prompts: [String]
  /// The folder of the comparison.
  package var output: String
  /// The rule by which the worst arms stop early; nil never stops one.
  package var halving: HalvingConfig?
  /// The trainings at once.
  package var jobs: Int
  /// The seconds that the comparison may take by the estimate before its first step.
  package var maxSeconds: Double?

  /// Every arm with every seed; all the arms of a seed follow one another.
  package var runs: [Run] {
    guard !seeds.isEmpty else { return arms.map { Run(arm: $0) } }
    return seeds.flatMap { seed in arms.map { Run(arm: $0, seed: seed) } }
  }

  /// The folder of a run.
  package func folder(of run: Run) -> String { "\(output)/\(run.name)" }
}

extension ComparisonConfig {
  /// A config from a file and `a.b=value` overrides.
  package static func read(
    file: String, overrides: [String] = []
  ) throws(ConfigError) -> ComparisonConfig {
    try ComparisonConfig(try ConfigNode.read(file: file).applying(overrides))
  }

  enum Key: String, ConfigKey {
    case runs, base, overrides, grid, arms, baseline, equal, students, seeds, teacher, data, sets
    case tokens, overlap, prompt, prompts, output, halving, jobs
    case rankBy = "rank_by"
    case maxSeconds = "max_seconds"
    case beyondContext = "beyond_context"
  }

  /// A config from the root of a YAML document.
  package init(_ root: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(root)
    arms = try Self.arms(section)
    seeds = try section[.seeds].map { node throws(ConfigError) in try node.seeds() } ?? []
    budget = try section[.equal].map { node throws(ConfigError) in try BudgetConfig(node) }
    students = try section.optionalInteger(.students, .count) ?? 1
    teacher = try section.optionalString(.teacher)
    sets = try HeldOutSet.all(section)
    baseline = try Self.baseline(section, arms)
    overlap = try section.optionalChoice(.overlap, of: OverlapRule.self) ?? .refuse
    beyondContext = try section.optionalBool(.beyondContext) ?? false
    prompts = try Self.prompts(section)
    output = try section.string(.output)
    halving = try section[.halving].map { node throws(ConfigError) in try HalvingConfig(node) }
    jobs = try section.optionalInteger(.jobs, .within(1...1024)) ?? 1
    maxSeconds = try section.optionalNumber(.maxSeconds, .above(0))
    if halving != nil, arms.count < 2 {
      throw section.conflict(.halving, "halving stops the worst arms, and there is only one")
    }
    if !seeds.isEmpty { try requireUnset("training.seed", "seeds") }
    for key in budget?.keys ?? [] { try requireUnset(key, "equal") }
  }

  /// Throws where an arm sets what the comparison sets for all.
  private func requireUnset(_ key: String, _ setter: String) throws(ConfigError) {
    for arm in arms where try arm.sets(key) {
      throw .conflict(
        arm.place, problem: "'\(arm.name)' sets \(key), which \(setter) sets; remove one of them")
    }
  }

  /// The name of the arm that the others are compared with, if there is one.
  private static func baseline(
    _ section: ConfigSection<Key>, _ arms: [ComparisonArm]
  ) throws(ConfigError) -> String? {
    guard let name = try section.optionalString(.baseline) else { return nil }
    guard arms.contains(where: { $0.name == name }) else {
      throw section.conflict(.baseline, "there is no arm '\(name)'; take the name of one")
    }
    guard arms.count > 1 else {
      throw section.conflict(.baseline, "a baseline is compared with other arms: there are none")
    }
    return name
  }

  private static func prompts(_ section: ConfigSection<Key>) throws(ConfigError) -> [String] {
    guard let list = section[.prompts] else {
      return try section.optionalString(.prompt).map { [$0] } ?? []
    }
    guard section[.prompt] == nil else {
      throw section.conflict(.prompt, "give prompt or prompts, not both")
    }
    return try list.strings()
  }
}

extension ConfigNode {
  /// The value as different whole numbers from 0 up.
  fileprivate func seeds() throws(ConfigError) -> [Int] {
    var seeds: [Int] = []
    for element in try elements() {
      let seed = try element.integer(.atLeast(0))
      guard !seeds.contains(seed) else { throw element.invalid("a seed that is not there yet") }
      seeds.append(seed)
    }
    guard !seeds.isEmpty else { throw invalid("a list of at least one seed") }
    return seeds
  }
}
