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
    return (commonOverrides + overrides).contains { $0.hasPrefix(key + "=") }
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
