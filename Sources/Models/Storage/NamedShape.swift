/// The name and the sizes of a tensor that is to be written.
public struct NamedShape: Sendable, Equatable {
  /// Hugging Face's name.
  public var name: String
  /// The sizes, outermost first.
  public var shape: [Int]

  /// A name with its sizes.
  public init(name: String, shape: [Int]) {
    self.name = name
    self.shape = shape
  }

  /// The number of elements.
  var count: Int { shape.reduce(1, *) }
}

/// Calls its second argument with the values of the tensor that the first one names, row-major.
public typealias TensorValues = (
  _ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Void
) throws -> Void
