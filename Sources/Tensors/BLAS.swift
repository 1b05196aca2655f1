import CBLAS

/// OpenBLAS, which makes the products of float32 on CPUs without AVX-512.
public enum BLAS {
  /// The library's own description: version, build options, core.
  public static var configuration: String {
    prepare
    return String(cString: openblas_get_config())
  }

  /// Our own pool splits the work.
  private static let prepare: Void = openblas_set_num_threads(1)

  /// One product on this thread.
  static func product(
    _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, adding: Bool,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    prepare
    cblas_sgemm(
      CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
      b.transposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a.base,
      Int32(a.stride), b.base, Int32(b.stride), adding ? 1 : 0, c, Int32(stride))
  }
}
