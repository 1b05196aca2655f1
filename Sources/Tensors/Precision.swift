import CKernels

/// The precision that operands of matrix products are rounded to; sums and all else are float32.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// No rounding.
  case float32
  /// Eight bits of mantissa, on CPUs with AVX512-BF16: at up to twice the speed of float32, on some
  /// slower than it, which `doctor` measures.
  case bfloat16

  /// Whether this CPU can compute in it.
  public var isSupported: Bool { self == .float32 || ck_has_gemm_bfloat16() }
}
