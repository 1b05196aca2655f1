import Base

/// The source of a student's first weights. (`initialize:`)
public struct InitializationConfig: Sendable, Equatable {
  /// The word for the teacher that the cache names.
  public static let teacher = "teacher"

  /// A checkpoint's path, or `teacher`.
  public var from: String
  /// The source's layers to take, in the student's order, 0-based; nil takes all of them.
  public var layers: [Int]?

  /// An initialisation from its two parts.
  package init(from: String, layers: [Int]? = nil) {
    self.from = from
    self.layers = layers
  }

  /// Whether the weights come from the cache's teacher.
  package var isFromTeacher: Bool { from == Self.teacher }
}

extension InitializationConfig {
  enum Key: String, ConfigKey {
    case from, layers
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    from = try section.string(.from)
    guard let list = section[.layers] else { return }
    var layers: [Int] = []
    for element in try list.elements() { layers.append(try element.integer(.atLeast(0))) }
    guard !layers.isEmpty else { throw list.invalid("a list of at least one layer") }
    self.layers = layers
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    [.from: .string(from), .layers: .optional(layers) { .array($0.map(JSONValue.int)) }]
  }
}
