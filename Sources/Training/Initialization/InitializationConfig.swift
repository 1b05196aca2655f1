package import Base

/// The source of a student's first weights. (`initialize:`)
public struct InitializationConfig: Sendable, Equatable {
  /// The word for the teacher that the cache names.
  public static let teacher = "teacher"

  /// A checkpoint's path, or `teacher`.
  public var from: String
  /// The source's layers to take, in the student's order, 0-based; nil takes all of them.
  public var layers: [Int]?

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

/// The reason why a student cannot be made from a source; each names the key to change.
public enum InitializationError: Error, Equatable, CustomStringConvertible {
  /// Not one source layer for each layer of the student.
  case layerCount(chosen: Int, student: Int)
  /// The source has no such layer.
  case noSuchLayer(Int, path: String, count: Int)
  /// A mixture of experts cannot become a dense layer.
  case mixtureToDense(layer: Int, path: String)
  /// A mixture of another family computes otherwise.
  case otherMixture(student: String, source: String, path: String)
  /// A size differs.
  case shape(key: String, student: Int, source: Int, path: String)
  /// A tied student cannot hold an untied source's output projection.
  case untiedSource(path: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .layerCount(let chosen, let student):
      "initialize.layers names \(chosen) layers, the student has \(student); "
        + "name one source layer for each, or set model.num_hidden_layers to \(chosen)"
    case .noSuchLayer(let layer, let path, let count):
      "initialize.layers names layer \(layer), but \(path) has layers 0 to \(count - 1)"
    case .mixtureToDense(let layer, let path):
      "layer \(layer) of \(path) is a mixture of experts and cannot fill a dense layer; "
        + "add the student's layer to model.moe_layers"
    case .otherMixture(let student, let source, let path):
      "model.model_type is \(student), but \(path) has mixtures of experts as \(source) has them; "
        + "set it to \(source) or remove initialize"
    case .shape(let key, let student, let source, let path):
      "model.\(key) is \(student), but \(path) has \(source) there; set it to \(source) "
        + "or remove initialize"
    case .untiedSource(let path):
      "\(path) has an output projection of its own; set model.tie_word_embeddings to false"
    }
  }
}

extension InitializationError: ExitStatusError {
  package var exitStatus: ExitStatus { .badConfig }
}
