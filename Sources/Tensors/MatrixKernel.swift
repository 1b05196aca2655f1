import CKernels

/// The library that computes the matrix products.
package enum MatrixKernel: String, Sendable {
  /// Ours, for CPUs with AVX-512; the only one that computes in bfloat16. The number goes up when
  /// a change to it changes bits: caches must not go on across that.
  case avx512 = "codistill AVX-512, 1"
  /// OpenBLAS, for all others.
  case openBLAS = "OpenBLAS"

  /// The one for products of a precision.
  package static func of(_ precision: Precision) -> MatrixKernel {
    precision == .float32 ? float32 : .avx512
  }

  /// The kernels that can compute float32 on this CPU; OpenBLAS only where it is installed.
  package static var available: [MatrixKernel] {
    (ck_has_gemm_float32() ? [.avx512] : []) + (BLAS.isInstalled ? [.openBLAS] : [])
  }

  /// The kernel and all else that decides about the bits of a product.
  package static func description(of precision: Precision) -> String {
    let kernel = of(precision)
    return kernel == .avx512 ? kernel.rawValue : BLAS.configuration
  }

  private static let float32: MatrixKernel = ck_has_gemm_float32() ? .avx512 : .openBLAS
}
