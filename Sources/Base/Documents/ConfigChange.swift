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
      let children =
        keys.count == 1 && entry.value.content.members != nil
        ? try entry.value.entries() : []
      guard !children.isEmpty else {
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

  /// Sets the value at a change's keys below the root, those on the way made where they are missing;
  /// a value on the way that has no keys is the error that `refusing` makes of it.
  mutating func set(
    _ change: ConfigChange, refusing: (ConfigNode) -> ConfigError
  ) throws(ConfigError) {
    var node = self
    for key in change.keys {
      guard node.isNull || node.content.members != nil else { throw refusing(node) }
      marks[node.steps]?.spelling = nil  // It is a mapping from here on.
      let value = node.content.members?.first { $0.key == key }?.value
      let steps = node.steps + [.key(key)]
      if value == nil { marks[steps] = Mark(place: change.place, key: change.place) }
      node = ConfigNode(content: value ?? .null, steps: steps, marks: marks)
    }
    content.set(change.value.content, at: change.keys[...])
    marks = marks.filter { !$0.key.starts(with: node.steps) }
    for (steps, mark) in change.value.marks where steps.starts(with: change.value.steps) {
      marks[node.steps + steps.dropFirst(change.value.steps.count)] = mark
    }
    marks[node.steps]?.key = change.place
  }
}

extension JSONValue {
  /// Sets the value at keys, those on the way made where they are missing.
  fileprivate mutating func set(_ value: JSONValue, at keys: ArraySlice<String>) {
    guard let key = keys.first else { return self = value }
    var members = members ?? []
    let index = members.firstIndex { $0.key == key } ?? members.count
    if index == members.count { members.append(JSONMember(key, .null)) }
    members[index].value.set(value, at: keys.dropFirst())
    self = .object(members)
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
}
