package import Base
package import Training

/// One of the ways to train that a comparison compares: a run's config, and what is changed in it.
package struct ComparisonArm: Sendable {
  /// The name in the table, and of the arm's folder.
  package var name: String
  /// The path of the config.
  package var config: String
  /// `a.b=value` arguments for all arms, under the arm's own changes.
  package var commonOverrides: [String] = []
  /// Mappings that are laid over the config, in order.
  package var changes: [ConfigNode] = []
  /// `a.b=value` arguments on top.
  package var overrides: [String] = []
  /// The seconds that making its cache took, which count as each run's own.
  package var cachingSeconds = 0.0
  /// The place of the arm in its file, for errors about it.
  package var place: ConfigPlace

  /// The arm's config.
  ///
  /// - Throws: `ConfigError`, at the place where the value in question was written.
  package func runConfig() throws(ConfigError) -> RunConfig {
    var root = try ConfigNode.read(file: config).applying(commonOverrides)
    for node in changes { root = try root.merging(node) }
    root = try root.applying(overrides)
    return try RunConfig(root)
  }

  /// Whether the arm itself, or the comparison for it, sets a key.
  func sets(_ key: String) throws(ConfigError) -> Bool {
    for node in changes where try node.changes().contains(where: { $0.path == key }) {
      return true
    }
    let set = try ConfigNode.parse("", file: config).applying(commonOverrides + overrides)
    return try set.changes().contains { $0.path == key }
  }
}

extension ConfigNode {
  /// The value as a name that becomes a folder below the comparison's.
  func folderName() throws(ConfigError) -> String {
    let name = try string()
    guard Self.isFolderName(name) else {
      throw invalid("a folder's name: no slash, no leading dot")
    }
    return name
  }

  /// Whether a name can be that of a folder.
  static func isFolderName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".")
      && !name.unicodeScalars.contains { $0 == "/" || $0.value < 0x20 }
  }
}

/// The three ways to write the arms of a comparison.
extension ComparisonConfig {
  /// The most arms of a grid; one that is larger is a slip, not a study.
  private static let maximumArms = 10_000

  /// The names of the files in a comparison's folder beside its arms.
  private static let fileNames: Set = [
    "comparison.json", "runs.csv", "arms.csv", "teacher.json", "halving.json", "report.html",
    "ranking.svg", "held-out.svg", "positions.svg", "sets.svg",
  ]

  static func arms(_ section: ConfigSection<Key>) throws(ConfigError) -> [ComparisonArm] {
    let forms = [Key.runs, .grid, .arms].filter { section[$0] != nil }
    guard let form = forms.first, let node = section[form] else {
      throw .missingKey(section.node.place, key: "runs", section: "")
    }
    guard forms.count == 1 else {
      throw section.conflict(forms[1], "give one of runs, grid and arms, not several")
    }
    if form == .runs, section[.base] != nil {
      throw section.conflict(
        .base, "each of the runs names its own config; base is for grid and arms")
    }
    var arms =
      switch form {
      case .grid: try product(node, base: try section.string(.base))
      case .arms:
        try list(node) { element throws(ConfigError) in
          try ComparisonArm(arm: element, base: try section.string(.base))
        }
      default: try list(node) { element throws(ConfigError) in try ComparisonArm(run: element) }
      }
    let common = try section.overrides(.overrides)
    for index in arms.indices { arms[index].commonOverrides = common }
    try requireDistinct(arms, node)
    return arms
  }

  private static func list(
    _ node: ConfigNode, _ read: (ConfigNode) throws(ConfigError) -> ComparisonArm
  ) throws(ConfigError) -> [ComparisonArm] {
    var arms: [ComparisonArm] = []
    for element in try node.elements() { arms.append(try read(element)) }
    return arms
  }

  private static func requireDistinct(
    _ arms: [ComparisonArm], _ node: ConfigNode
  ) throws(ConfigError) {
    guard !arms.isEmpty else { throw node.invalid("a list of at least one run") }
    var names: Set<String> = []
    for arm in arms {
      guard names.insert(arm.name).inserted else {
        throw .conflict(arm.place, problem: "two runs are named '\(arm.name)'; rename one")
      }
      let isTeachers = arm.name.hasPrefix("teacher.") && arm.name.hasSuffix(".json")
      guard !fileNames.contains(arm.name), !isTeachers else {
        throw .conflict(
          arm.place, problem: "'\(arm.name)' is a file of the comparison itself; rename the run")
      }
    }
  }

  /// Every combination of one value from each axis, the last axis changing fastest.
  private static func product(
    _ node: ConfigNode, base: String
  ) throws(ConfigError) -> [ComparisonArm] {
    var arms = [ComparisonArm(name: "", config: base, place: node.place)]
    let axes = try node.entries()
    try requireSeparate(axes)
    for axis in axes {
      let values = try axis.value.entries()
      guard !values.isEmpty else {
        throw axis.value.invalid("names with the changes that each makes")
      }
      guard arms.count * values.count <= maximumArms else {
        throw .conflict(axis.place, problem: "the grid has more than \(maximumArms) arms")
      }
      var next: [ComparisonArm] = []
      for arm in arms {
        for value in values { next.append(try arm.with(value, of: axes.count > 1)) }
      }
      arms = next
    }
    return axes.isEmpty ? [] : arms
  }

  /// Throws where a later axis would wipe out what an earlier one changed.
  private static func requireSeparate(_ axes: [ConfigEntry]) throws(ConfigError) {
    var seen: [(axis: String, change: ConfigChange)] = []
    for axis in axes {
      var own: [ConfigChange] = []
      for value in try axis.value.entries() { own += try value.value.changes() }
      for change in own {
        guard let other = seen.first(where: { change.replaces($0.change) }) else { continue }
        throw .conflict(
          change.place,
          problem: "the axes \(other.axis) and \(axis.key) both change \(other.change.path); "
            + "write the whole value in one axis, or single keys (loss.soft.value: 1) in the later")
      }
      seen += own.map { (axis.key, $0) }
    }
  }
}

extension ComparisonArm {
  enum RunKey: String, ConfigKey {
    case name, config, overrides
    case cachingSeconds = "caching_seconds"
  }

  enum ArmKey: String, ConfigKey {
    case name, changes, overrides
    case cachingSeconds = "caching_seconds"
  }

  /// An arm from an entry of `runs`.
  init(run node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<RunKey>(node)
    self.init(
      name: try section.required(.name).folderName(), config: try section.string(.config),
      place: node.place)
    overrides = try section.overrides(.overrides)
    cachingSeconds = try section.optionalNumber(.cachingSeconds, .atLeast(0)) ?? 0
  }

  /// An arm from an entry of `arms`.
  init(arm node: ConfigNode, base: String) throws(ConfigError) {
    let section = try ConfigSection<ArmKey>(node)
    self.init(
      name: try section.required(.name).folderName(), config: base, place: node.place)
    if let node = section[.changes] {
      _ = try node.changes()
      changes = [node]
    }
    overrides = try section.overrides(.overrides)
    cachingSeconds = try section.optionalNumber(.cachingSeconds, .atLeast(0)) ?? 0
  }

  /// The arm with a value of one more axis.
  fileprivate func with(
    _ value: ConfigEntry, of isOneOfSeveral: Bool
  ) throws(ConfigError) -> ComparisonArm {
    guard ConfigNode.isFolderName(value.key), !value.key.contains("+") else {
      throw .conflict(
        value.place,
        problem: "'\(value.key)' becomes part of a folder's name: no slash, no plus, no leading dot"
      )
    }
    var arm = self
    arm.name = name.isEmpty ? value.key : "\(name)+\(value.key)"
    arm.changes.append(value.value)
    if !isOneOfSeveral { arm.place = value.place }
    return arm
  }
}

extension ConfigSection {
  /// The `a.b=value` texts at a key, of which there may be none.
  fileprivate func overrides(_ key: Key) throws(ConfigError) -> [String] {
    guard let node = self[key] else { return [] }
    if (try? node.elements())?.isEmpty == true { return [] }
    return try node.strings()
  }
}
