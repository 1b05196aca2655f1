/// One value that a mapping of changes sets, and the keys that lead to it.
package struct ConfigChange: Sendable {
  /// The keys from the root.
  let keys: [String]
  /// The place where the last key was written.
  package let place: ConfigPlace
  /// The value.
  let value: ConfigNode

  /// The keys, joined by dots.
  package var path: String { keys.joined(separator: ".") }

  /// Whether setting this one removes what another set.
  package func replaces(_ other: ConfigChange) -> Bool { other.keys.starts(with: keys) }

  /// The words of a key with dots; nil for an empty word, or for more than 16, which is deeper than
  /// any section.
  fileprivate static func keys(of path: Substring) -> [String]? {
    let words = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    return words.contains("") || words.count > 16 ? nil : words
  }
}

/// Changes of a config that are written as a mapping, in the shape of the config itself.
///
/// The sections of a config are changed key by key; what stands at a key of a section is replaced
/// whole, so that `{loss: {soft: {…}}}` leaves nothing of the old `loss.soft`. A key with dots
/// reaches further down: `{loss.soft.value: 0.5}` changes that value alone. Null removes.
extension ConfigNode {
  /// The values that a mapping of changes sets, in its order.
  package func changes() throws(ConfigError) -> [ConfigChange] {
    var changes: [ConfigChange] = []
    for entry in try entries() {
      let keys = try entry.keys()
      guard keys.count == 1, case .mapping(let children) = entry.value.content, !children.isEmpty
      else {
        changes.append(ConfigChange(keys: keys, place: entry.place, value: entry.value))
        continue
      }
      for child in children {
        changes.append(
          ConfigChange(keys: keys + (try child.keys()), place: child.place, value: child.value))
      }
    }
    return changes
  }

  /// The node with changes laid over it; every value keeps the place where it was written.
  package func merging(_ changes: ConfigNode) throws(ConfigError) -> ConfigNode {
    var node = self
    for change in try changes.changes() {
      try node.set(change) { node in
        .conflict(
          change.place,
          problem: "'\(change.path)' leads through '\(node.path)', which is \(node.found) "
            + "and has no keys")
      }
    }
    return node
  }

  /// Sets the value at a change's keys, those on the way made where they are missing; a value on the
  /// way that has no keys is the error that `refusing` makes of it.
  mutating func set(
    _ change: ConfigChange, below depth: Int = 0, refusing: (ConfigNode) -> ConfigError
  ) throws(ConfigError) {
    guard depth < change.keys.count else {
      return self = change.value.rooted(at: change.path)
    }
    var entries = try openEntries(refusing)
    let key = change.keys[depth]
    let index = entries.firstIndex { $0.key == key } ?? entries.count
    if index == entries.count {
      let path = change.keys[...depth].joined(separator: ".")
      let empty = ConfigNode(.scalar("", isQuoted: false), place: change.place, path: path)
      entries.append(ConfigEntry(key: key, place: change.place, value: empty))
    }
    if depth == change.keys.count - 1 { entries[index].place = change.place }
    try entries[index].value.set(change, below: depth + 1, refusing: refusing)
    content = .mapping(entries)
  }

  private func openEntries(
    _ refusing: (ConfigNode) -> ConfigError
  ) throws(ConfigError) -> [ConfigEntry] {
    if isNull { return [] }
    if case .mapping(let entries) = content { return entries }
    throw refusing(self)
  }
}

extension ConfigEntry {
  /// The words of a key with dots.
  fileprivate func keys() throws(ConfigError) -> [String] {
    if let words = ConfigChange.keys(of: key[...]) { return words }
    throw .conflict(place, problem: "'\(key)' is no key: words, joined by single dots")
  }
}

extension ConfigNode {
  /// The node with `a.b=value` arguments applied in order; values are read as YAML.
  package func applying(_ overrides: [String]) throws(ConfigError) -> ConfigNode {
    var node = self
    for text in overrides { try node.apply(text) }
    return node
  }

  private mutating func apply(_ text: String) throws(ConfigError) {
    guard let equals = text.firstIndex(of: "=") else {
      throw .invalidOverride(text, problem: "write it as key=value, as in training.steps=100")
    }
    guard let keys = ConfigChange.keys(of: text[..<equals]) else {
      throw .invalidOverride(text, problem: "a key is up to 16 words, joined by single dots")
    }
    let value = String(text[text.index(after: equals)...])
    let change = ConfigChange(
      keys: keys, place: .override(text),
      value: try ConfigNode.parse(override: text, value: value))
    try set(change) { node in
      .invalidOverride(text, problem: "'\(node.path)' is \(node.found), and has no keys")
    }
  }

  /// The same tree with another path at its root.
  func rooted(at path: String) -> ConfigNode {
    var node = self
    node.path = path
    switch content {
    case .scalar: break
    case .list(let elements):
      node.content = .list(
        elements.enumerated().map { $0.element.rooted(at: "\(path)[\($0.offset)]") })
    case .mapping(let entries):
      node.content = .mapping(
        entries.map { entry in
          var entry = entry
          entry.value = entry.value.rooted(at: ConfigNode.path(path, entry.key))
          return entry
        })
    }
    return node
  }
}
