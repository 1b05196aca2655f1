extension ConfigNode {
  /// The depth limit of a key; no section of a config is nearly so deep.
  private var maximumDepth: Int { 16 }

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
    let keys = text[..<equals].split(separator: ".", omittingEmptySubsequences: false)
    guard !keys.contains(where: \.isEmpty), keys.count <= maximumDepth else {
      throw .invalidOverride(text, problem: "a key is up to 16 words, joined by single dots")
    }
    let value = String(text[text.index(after: equals)...])
    let change = ConfigChange(
      keys: keys.map(String.init), place: .override(text),
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
