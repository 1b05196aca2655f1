public import Base

/// A distance between hidden states of student and teacher. (`loss.features:`)
public struct FeatureConfig: Sendable, Equatable {
  /// A measure of the distance between two hidden states.
  public enum Kind: String, Sendable, CaseIterable {
    /// The mean over the features of the squared difference (TinyBERT, arXiv 1909.10351; FitNets,
    /// arXiv 1412.6550, has half of it, and a sum).
    case mse
    /// One minus the cosine of the angle between them (DistilBERT, arXiv 1910.01108).
    case cosine
  }

  /// A way to bring the student's hidden states to the teacher's width.
  package enum Projection: String, Sendable, CaseIterable {
    /// A matrix that is trained with the student and then thrown away.
    case learned
    /// Nothing: the widths are the same.
    case none
  }

  /// The hidden states to compare, by their place in a model.
  package enum Layer: Sendable, Equatable {
    /// Those after so many layers; 0 means the embeddings, all layers the same as `final`.
    case after(Int)
    /// Those after the final norm, which the logits are made of.
    case final
  }

  /// The measure of distance.
  public var kind: Kind
  /// The factor of the distance in the loss.
  public var weight: Double
  /// The student's hidden states.
  package var studentLayer: Layer
  /// The teacher's hidden states.
  package var teacherLayer: Layer
  /// The projection; nil learns one where the widths differ.
  package var projection: Projection?
  /// The place in the config where it was written, for errors about it.
  public var place: ConfigPlace

  /// A feature loss from its parts.
  package init(
    kind: Kind, weight: Double, studentLayer: Layer, teacherLayer: Layer,
    projection: Projection? = nil, place: ConfigPlace
  ) {
    self.kind = kind
    self.weight = weight
    self.studentLayer = studentLayer
    self.teacherLayer = teacherLayer
    self.projection = projection
    self.place = place
  }

  /// Whether both mean the same, wherever they were written.
  public static func == (left: FeatureConfig, right: FeatureConfig) -> Bool {
    left.resolved.value == right.resolved.value
  }
}

extension FeatureConfig {
  enum Key: String, ConfigKey {
    case kind, weight
    case studentLayer = "student_layer"
    case teacherLayer = "teacher_layer"
    case projection
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    guard let kind = try section.optionalChoice(.kind, of: Kind.self) else {
      throw .missingKey(node.place, key: Key.kind.rawValue, section: node.path)
    }
    self.init(
      kind: kind, weight: try section.number(.weight, .above(0)),
      studentLayer: try Layer(section.required(.studentLayer)),
      teacherLayer: try Layer(section.required(.teacherLayer)),
      projection: try section.optionalChoice(.projection, of: Projection.self), place: node.place)
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    [
      .kind: .string(kind.rawValue), .weight: .double(weight),
      .studentLayer: studentLayer.resolved, .teacherLayer: teacherLayer.resolved,
      .projection: .optional(projection) { .string($0.rawValue) },
    ]
  }
}

extension FeatureConfig.Layer {
  fileprivate init(_ node: ConfigNode) throws(ConfigError) {
    if node.text == "final" {
      self = .final
      return
    }
    guard let number = try? node.integer(.atLeast(0)) else {
      throw node.invalid("a number of layers, or final")
    }
    self = .after(number)
  }

  fileprivate var resolved: JSONValue {
    switch self {
    case .after(let count): .int(count)
    case .final: .string("final")
    }
  }
}

extension [FeatureConfig] {
  /// The feature losses of a list.
  init(_ node: ConfigNode) throws(ConfigError) {
    self = []
    for element in try node.elements() { append(try FeatureConfig(element)) }
  }

  /// The list as it is written into a run directory.
  var resolved: JSONValue { isEmpty ? .null : .array(map(\.resolved.value)) }
}
