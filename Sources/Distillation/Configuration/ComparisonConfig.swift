/// Everything that describes a `codistill compare`: runs, and what they are all measured on.
public struct ComparisonConfig: Sendable, Equatable {
  /// One of the runs.
  public struct Run: Sendable, Equatable {
    /// The name in the table, and of the run's folder.
    public var name: String
    /// The path of the run's config.
    public var config: String
    /// `a.b=value` arguments on top of that config.
    public var overrides: [String]
    /// The seconds that making its cache took, which count as the run's own.
    public var cachingSeconds = 0.0
    /// Where the run was written, for errors about it.
    public var place: ConfigPlace

    /// A run from its parts.
    public init(name: String, config: String, overrides: [String], place: ConfigPlace) {
      self.name = name
      self.config = config
      self.overrides = overrides
      self.place = place
    }
  }

  /// The runs, in the order of the table; their names differ.
  public var runs: [Run]
  /// The live teacher's checkpoint; nil measures no KL.
  public var teacher: String?
  /// What all the runs are measured on.
  public var data: DataConfig
  /// The most tokens that are measured; nil measures all.
  public var tokens: Int?
  /// The beginning of the text that each student continues; nil shows no text.
  public var prompt: String?
  /// The folder of the comparison.
  public var output: String
}

extension ComparisonConfig {
  /// A config from a file and `a.b=value` overrides.
  public static func read(
    file: String, overrides: [String] = []
  ) throws(ConfigError) -> ComparisonConfig {
    try ComparisonConfig(try ConfigNode.read(file: file).applying(overrides))
  }

  enum Key: String, ConfigKey {
    case runs, teacher, data, tokens, prompt, output
  }

  /// A config from the root of a YAML document.
  public init(_ root: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(root)
    let list = try section.required(.runs)
    runs = []
    for node in try list.elements() {
      let run = try Run(node)
      guard !runs.contains(where: { $0.name == run.name }) else {
        throw .conflict(node.place, problem: "two runs are named '\(run.name)'; rename one")
      }
      runs.append(run)
    }
    guard !runs.isEmpty else { throw list.invalid("a list of at least one run") }
    teacher = try section.optionalString(.teacher)
    data = try DataConfig(try section.required(.data))
    tokens = try section.optionalInteger(.tokens, .atLeast(1))
    prompt = try section.optionalString(.prompt)
    output = try section.string(.output)
  }
}

extension ComparisonConfig.Run {
  enum Key: String, ConfigKey {
    case name, config, overrides
    case cachingSeconds = "caching_seconds"
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let name = try section.required(.name)
    self.name = try name.string()
    // The name becomes a folder below the comparison's.
    guard !self.name.isEmpty, !self.name.contains("/"), !self.name.hasPrefix(".") else {
      throw name.invalid("a folder's name: no slash, no leading dot")
    }
    config = try section.string(.config)
    overrides = try section[.overrides].map { node throws(ConfigError) in try node.strings() } ?? []
    cachingSeconds = try section.optionalNumber(.cachingSeconds, .atLeast(0)) ?? 0
    place = node.place
  }

  /// The run's own config, with its overrides and a few more; one with a cache is a distillation.
  public func runConfig(overrides more: [String] = []) throws(ConfigError) -> RunConfig {
    let root = try ConfigNode.read(file: config).applying(overrides + more)
    let hasCache = try root.entries().contains {
      $0.key == RunConfig.Key.cache.rawValue && !$0.value.isNull
    }
    return try RunConfig(root, kind: hasCache ? .distill : .pretrain)
  }
}
