import Tensors

/// The libraries that do the arithmetic.
struct LibraryFacts: Encodable {
  /// What makes the matrix products in float32.
  var products: String
  /// Whether the processor multiplies in bfloat16.
  var bfloat16: Bool
  /// The threads that work at once.
  var threads: Int

  /// What this process uses.
  static var current: LibraryFacts {
    LibraryFacts(
      products: MatrixKernel.description(of: .float32),
      bfloat16: Precision.bfloat16.isSupported, threads: Parallel.threadCount)
  }
}
