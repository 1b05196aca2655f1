import Tensors

/// The name and the sizes of a tensor in a file.
package struct NamedShape: Sendable, Equatable {
  /// Hugging Face's name.
  package var name: String
  /// The sizes, outermost first.
  package var shape: [Int]

  /// A name with its sizes.
  package init(name: String, shape: [Int]) {
    self.name = name
    self.shape = shape
  }

  /// The number of elements.
  var count: Int { shape.reduce(1, *) }
}

extension ParameterStore.Parameter {
  /// The parameter's name and shape.
  var namedShape: NamedShape { NamedShape(name: name, shape: shape) }
}

/// Calls its second argument with the values of the tensor that the first one names, row-major.
package typealias TensorValues = (
  _ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Void
) throws -> Void
