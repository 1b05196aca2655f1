import Base
import CKernels
import CProcess
import Synchronization

/// A dense row-major array of float32 that remembers how it was computed.
///
/// Operations reach its memory only inside ``apply(_:shape:mayRepeat:forward:backward:)``, which
/// keeps the inputs alive; everything else uses ``item`` or ``withValues(_:)``, because a raw
/// pointer taken from a temporary dangles as soon as the optimiser sees the tensor's last use.
///
/// ```swift
/// let x = Tensor([1, 3], [1, 2, 3])
/// let weight = Tensor([1, 3], [0.5, 0, -1], requiresGradient: true)
/// let y = linear(x, weight)  // (1, 1)
/// print(y.item)  // -2.5
/// y.backward()  // Adds x into the gradient of the weight.
/// ```
public final class Tensor {
  /// The extent of each axis.
  public let shape: [Int]
  /// Whether ``backward()`` computes a gradient for it.
  package let requiresGradient: Bool
  /// The number of elements.
  public let count: Int
  var node: Node?
  /// Its memory, nil while it is forgotten.
  private var present: Storage?
  /// Computes the values again, for results that may be forgotten.
  private var recompute: ((UnsafeMutablePointer<Float>) -> Void)?
  private var gradientStorage: Storage?

  package init(
    _ shape: [Int], _ storage: Storage, node: Node? = nil, gradient: Storage? = nil
  ) {
    precondition(storage.count == shape.reduce(1, *), "\(storage.count) floats for shape \(shape)")
    self.shape = shape
    count = storage.count
    present = storage
    self.node = node
    gradientStorage = gradient
    requiresGradient = node != nil || gradient != nil
  }

  /// A tensor of which nothing but the shape is known.
  init(declared shape: [Int]) {
    self.shape = shape
    count = shape.reduce(1, *)
    requiresGradient = false
  }

  /// A tensor of given values, with a gradient of its own when it is a leaf to differentiate by.
  public convenience init(_ shape: [Int], _ values: [Float], requiresGradient: Bool = false) {
    let storage = Storage(count: values.count)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.base.update(from: base, count: source.count) }
    }
    self.init(shape, storage, gradient: requiresGradient ? Storage(zeros: values.count) : nil)
  }

  /// The memory of its values, which are computed again if they were forgotten.
  ///
  /// A backward asks for it before it spreads over the threads, or each would compute its own.
  package var storage: Storage {
    if let present { return present }
    assert(!cp_thread_is_serial(), "forgotten values are asked for inside of parallel work")
    guard let recompute else { preconditionFailure("forgotten values of \(shape) are asked for") }
    let again = Storage(count: count)
    recompute(again.base)
    present = again
    return again
  }

  /// Gives the memory of the values back until the backward pass asks for them.
  ///
  /// Results of cheap operations are then computed again; those of others are gone, which is right
  /// where no backward reads them, such as a sum's of its terms. Without a backward pass to come
  /// nothing happens: the memory goes with the tensor.
  package func forget() {
    if node != nil { present = nil }
  }

  /// The extent of the last axis.
  public var columns: Int { shape[shape.count - 1] }
  /// The product of all other extents.
  public var rows: Int { columns == 0 ? 0 : count / columns }

  /// The value of a one-element tensor.
  public var item: Float { withExtendedLifetime(self) { storage.base[0] } }

  /// Reads the elements in place.
  public func withValues<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(UnsafeBufferPointer(start: storage.base, count: storage.count))
    }
  }

  /// A copy of the elements.
  public var array: [Float] { withValues { Array($0) } }

  /// A copy of the gradient; zeros when none has arrived.
  package var gradientArray: [Float] {
    guard let gradientStorage else { return Array(repeating: 0, count: count) }
    return withExtendedLifetime(gradientStorage) {
      Array(UnsafeBufferPointer(start: gradientStorage.base, count: count))
    }
  }

  package var values: UnsafeMutablePointer<Float> { storage.base }

  /// The gradient's memory, zeroed on first use; operations add into it.
  package var gradient: UnsafeMutablePointer<Float> {
    if let gradientStorage { return gradientStorage.base }
    let fresh = Storage(zeros: count)
    gradientStorage = fresh
    return fresh.base
  }

  /// Hands the gradient's memory to an operation: the first one writes it whole (`adding` is
  /// false, the contents undefined), the others add into it.
  package func receiveGradient(
    _ body: (_ gradient: UnsafeMutablePointer<Float>, _ adding: Bool) -> Void
  ) {
    if let gradientStorage { return body(gradientStorage.base, true) }
    let fresh = Storage(count: count)
    gradientStorage = fresh
    body(fresh.base, false)
  }

  /// Adds a gradient that its owner needs no more; the first one is kept as it is, without a copy.
  package func receiveGradient(keeping storage: Storage) {
    precondition(storage.count == count, "a gradient of \(storage.count) for \(shape)")
    guard let gradientStorage else { return self.gradientStorage = storage }
    accumulate(storage.base, into: gradientStorage.base, count)
  }

  /// The same for the gradient of a result whose backward does nothing else with it afterwards.
  package func receiveGradient(of result: Tensor) {
    if let storage = result.gradientStorage { receiveGradient(keeping: storage) }
  }

  /// Forgets how it was computed and its gradient, so that their memory returns to the pool.
  func release() {
    node = nil
    gradientStorage = nil
    recompute = nil
  }
}

/// One step of the computation: the inputs of an operation and its hand-written backward.
package final class Node {
  private static let counter = Atomic<Int>(0)

  /// Its place in the order of creation; inputs always come before outputs.
  let number: Int
  /// The stage of a profile that its forward ran in, to which its backward belongs.
  let stage: Profile.Stage
  let inputs: [Tensor]
  let backward: (Tensor) -> Void

  init(inputs: [Tensor], backward: @escaping (Tensor) -> Void) {
    number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    stage = Profile.runningStage
    self.inputs = inputs
    self.backward = backward
  }
}

extension Tensor {
  /// Runs `forward` into a fresh buffer and records `backward` when an input needs gradients.
  ///
  /// The buffer that `forward` gets is not cleared. `backward` gets the result, whose `gradient` it
  /// adds into the gradients of those inputs that require one. With `mayRepeat` the forward is so
  /// cheap that it may run again after ``forget()``.
  package static func apply(
    _ inputs: [Tensor], shape: [Int], mayRepeat: Bool = false,
    forward: @escaping (UnsafeMutablePointer<Float>) -> Void,
    backward: @escaping (Tensor) -> Void
  ) -> Tensor {
    let storage = Storage(count: shape.reduce(1, *))
    withExtendedLifetime(inputs) { forward(storage.base) }
    let needsGradient = inputs.contains { $0.requiresGradient }
    let result = Tensor(
      shape, storage, node: needsGradient ? Node(inputs: inputs, backward: backward) : nil)
    if needsGradient, mayRepeat { result.recompute = forward }
    return result
  }

  /// Adds the gradients of this scalar into every leaf it depends on.
  ///
  /// Operations run in the reverse order of creation, and each is forgotten once it has run, so
  /// that its result and what it had saved return to the pool at once.
  public func backward() {
    precondition(count == 1, "backward() starts from a scalar, not \(shape)")
    gradient[0] = 1
    var waiting = dependencies()
    while let tensor = waiting.popLast() {
      Profile.backward(of: tensor.node?.stage ?? .rest) {
        tensor.node?.backward(tensor)
        tensor.release()
      }
    }
  }

  /// Every tensor with a node that this one depends on, the latest last.
  private func dependencies() -> [Tensor] {
    var found: [(number: Int, tensor: Tensor)] = []
    var seen: Set<ObjectIdentifier> = []
    var waiting = [self]
    while let tensor = waiting.popLast() {
      guard let node = tensor.node, seen.insert(ObjectIdentifier(tensor)).inserted else { continue }
      found.append((node.number, tensor))
      waiting.append(contentsOf: node.inputs)
    }
    return found.sorted { $0.number < $1.number }.map(\.tensor)
  }
}

/// `y += x`, spread over the threads.
package func accumulate(
  _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ count: Int
) {
  Parallel.rows(count, columns: 1) { range in
    ck_add(range.count, x + range.lowerBound, y + range.lowerBound)
  }
}

/// The elementwise sum of two tensors of one shape.
package func + (a: Tensor, b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "\(a.shape) + \(b.shape)")
  let count = a.count
  return .apply([a, b], shape: a.shape) { y in
    y.update(from: a.values, count: count)
    accumulate(b.values, into: y, count)
  } backward: { y in
    if a.requiresGradient {
      a.receiveGradient { da, adding in
        if adding {
          accumulate(y.gradient, into: da, count)
        } else {
          da.update(from: y.gradient, count: count)
        }
      }
    }
    if b.requiresGradient { b.receiveGradient(of: y) }
  }
}
