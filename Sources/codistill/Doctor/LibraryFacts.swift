import Tensors

/// The libraries that do the arithmetic.
struct LibraryFacts: Encodable {
  /// OpenBLAS's version and build options.
  var openblas: String
  /// The processor that OpenBLAS took this one for.
  var detectedCore: String
  /// The processor whose kernels are used.
  var core: String
  /// The threads that work at once.
  var threads: Int

  /// What this process uses.
  static var current: LibraryFacts {
    LibraryFacts(
      openblas: BLAS.configuration, detectedCore: BLAS.detectedCore, core: BLAS.core,
      threads: Parallel.threadCount)
  }
}
