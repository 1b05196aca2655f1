import Base

/// Every parameter of a model in one flat buffer, with its gradients in a second one.
///
/// One buffer makes clearing, clipping, the optimizer and checkpoints one loop each.
///
/// ```swift
/// let student = Decoder(config, trainable: true)
/// student.parameters.initialize(seed: 1)
/// for parameter in student.parameters.parameters { print(parameter.name, parameter.shape) }
/// ```
public final class ParameterStore {
  /// A named part of the buffer.
  public struct Parameter {
    /// Its name in a Hugging Face checkpoint.
    public let name: String
    /// The extent of each axis.
    public let shape: [Int]
    /// Its place in the buffer, in floats.
    public let range: Range<Int>
    /// The distribution that a fresh one is drawn from.
    package let initialization: Initialization
    /// Whether weight decay applies: not to norms and embeddings.
    public let decays: Bool
  }

  /// The distribution of a fresh parameter.
  package enum Initialization: Sendable, Equatable {
    /// All ones.
    case ones
    /// All zeros.
    case zeros
    /// Normal with mean zero and this standard deviation.
    case normal(Float)
  }

  /// The parameters in the order of their declaration.
  public private(set) var parameters: [Parameter] = []
  /// The number of floats in all.
  public let count: Int
  /// Whether the parameters have gradients.
  package let isTrainable: Bool
  // Nil where parameters are only declared.
  private let valueStorage: Storage?
  private let gradientStorage: Storage?
  private var used = 0

  /// Room for `count` floats; a frozen model's store has no gradients.
  package init(count: Int, trainable: Bool) {
    self.count = count
    isTrainable = trainable
    valueStorage = Storage(count: count)
    gradientStorage = trainable ? Storage(zeros: count) : nil
  }

  /// Room for nothing: what is declared is only listed.
  private init() {
    count = .max
    isTrainable = false
    valueStorage = nil
    gradientStorage = nil
  }

  /// The parameters that a model declares, without memory for them.
  public static func parameters(_ declare: (ParameterScope) -> Void) -> [Parameter] {
    let store = ParameterStore()
    declare(store.root)
    return store.parameters
  }

  /// A store with room for exactly what a model declares, and what the declarations return.
  package static func declaring<Part>(
    trainable: Bool, _ declare: (ParameterScope) -> Part
  ) -> (store: ParameterStore, part: Part) {
    let count = parameters { _ = declare($0) }.reduce(0) { $0 + $1.range.count }
    let store = ParameterStore(count: count, trainable: trainable)
    return (store, declare(store.root))
  }

  /// The place where names begin.
  package var root: ParameterScope { ParameterScope(store: self, path: "") }

  /// Declares the next parameter and returns the tensor that shares its memory.
  func declare(
    _ name: String, _ shape: [Int], _ initialization: Initialization, decays: Bool
  ) -> Tensor {
    let range = used..<(used + shape.reduce(1, *))
    precondition(range.upperBound <= count, "\(name) does not fit the store of \(count) floats")
    used = range.upperBound
    parameters.append(
      Parameter(
        name: name, shape: shape, range: range, initialization: initialization, decays: decays))
    return tensor(shape, range)
  }

  /// The tensor that shares a run of the buffer.
  private func tensor(_ shape: [Int], _ range: Range<Int>) -> Tensor {
    guard let valueStorage else { return Tensor(declared: shape) }
    return Tensor(
      shape, Storage(of: valueStorage, range: range),
      gradient: gradientStorage.map { Storage(of: $0, range: range) })
  }

  /// The last parameters declared, as one tensor of their shared memory.
  fileprivate func joining(_ parts: [Tensor], shape: [Int]) -> Tensor {
    tensor(shape, (used - parts.reduce(0) { $0 + $1.count })..<used)
  }

  /// Draws every parameter anew; a parameter's values depend on the seed and its name only.
  public func initialize(seed: UInt64) { initialize(parameters, seed: seed) }

  /// Draws some parameters anew.
  public func initialize(_ chosen: [Parameter], seed: UInt64) {
    precondition(used == count, "\(used) of \(count) floats are declared")
    let base = memory.base
    Parallel.forEach(chosen.count) { index in
      let parameter = chosen[index]
      let values = UnsafeMutableBufferPointer(
        start: base + parameter.range.lowerBound, count: parameter.range.count)
      switch parameter.initialization {
      case .ones: values.update(repeating: 1)
      case .zeros: values.update(repeating: 0)
      case .normal(let deviation):
        var generator = SplitMix64(seed: seed, name: parameter.name)
        for i in values.indices { values[i] = deviation * generator.normal() }
      }
    }
  }

  /// Reads or writes the values of a run of the buffer.
  package func withValues<Result>(
    _ range: Range<Int>? = nil, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try Self.access(memory, range ?? 0..<count, body)
  }

  /// Reads or writes the gradients of a run of the buffer; nil for a frozen store.
  package func withGradients<Result>(
    _ range: Range<Int>? = nil, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result? {
    guard let gradientStorage else { return nil }
    return try Self.access(gradientStorage, range ?? 0..<count, body)
  }

  private var memory: Storage {
    guard let valueStorage else { preconditionFailure("the parameters are only declared") }
    return valueStorage
  }

  private static func access<Result>(
    _ storage: Storage, _ range: Range<Int>,
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(
        UnsafeMutableBufferPointer(start: storage.base + range.lowerBound, count: range.count))
    }
  }
}

/// A place in the parameter tree: `p["self_attn"]["q_proj"]` names `self_attn.q_proj`.
public struct ParameterScope {
  let store: ParameterStore
  let path: String

  /// The place below this one.
  package subscript(_ name: String) -> ParameterScope {
    ParameterScope(store: store, path: join(name))
  }

  /// Declares a parameter drawn from a normal distribution.
  package func normal(
    _ name: String, _ shape: [Int], deviation: Float, decays: Bool = true
  ) -> Tensor {
    store.declare(join(name), shape, .normal(deviation), decays: decays)
  }

  /// Declares a parameter of ones that does not decay: the gain of a norm.
  package func ones(_ name: String, _ shape: [Int]) -> Tensor {
    store.declare(join(name), shape, .ones, decays: false)
  }

  /// Declares a parameter of zeros that does not decay: a bias.
  package func zeros(_ name: String, _ shape: [Int]) -> Tensor {
    store.declare(join(name), shape, .zeros, decays: false)
  }

  /// Declares matrices of one shape that lie one below the other, and returns them as one: a
  /// product with all of them costs less than one with each.
  ///
  /// With `groups` they are so many matrices of equal height.
  package func stacked(
    _ names: [String], _ shape: [Int], groups: Int? = nil, deviation: Float
  ) -> Tensor {
    let parts = names.map { store.declare(join($0), shape, .normal(deviation), decays: true) }
    let rows = names.count * shape[0]
    let heights = groups.map { [$0, rows / $0] } ?? [rows]
    return store.joining(parts, shape: heights + shape.dropFirst())
  }

  private func join(_ name: String) -> String { path.isEmpty ? name : path + "." + name }
}
