import CKernels

/// What the operands of matrix products are rounded to; sums and all else are float32.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// No rounding.
  case float32
  /// Eight bits of mantissa, at twice the speed, on CPUs with AVX512-BF16.
  case bfloat16

  /// Whether this CPU can compute in it.
  public var isSupported: Bool { self == .float32 || ck_has_gemm_bfloat16() }
}
