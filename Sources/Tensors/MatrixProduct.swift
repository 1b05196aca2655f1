import Base
import CKernels

/// The precision that operands of matrix products are rounded to; sums and all else are float32.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// No rounding.
  case float32
  /// Eight bits of mantissa, on CPUs with AVX512-BF16: at up to twice the speed of float32, on some
  /// slower than it, which `doctor` measures.
  case bfloat16

  /// Whether this CPU can compute in it.
  public var isSupported: Bool { MatrixKernel.fastest(self) != nil }
}

/// The set of instructions that computes the matrix products.
package enum MatrixKernel: Sendable, CaseIterable {
  /// Of bfloat16, for CPUs with AVX512-BF16.
  case bfloat16AVX512
  /// Of float32, for CPUs with AVX-512.
  case avx512
  /// Of float32, for CPUs with AVX2 and FMA.
  case avx2
  /// Of float32, for all others.
  case portable

  /// The kernel for products of a precision, which this CPU must support.
  package static func of(_ precision: Precision) -> MatrixKernel {
    guard let kernel = precision == .float32 ? float32 : bfloat16 else {
      preconditionFailure("no products in \(precision) on this CPU")
    }
    return kernel
  }

  /// The kernels that this CPU has, the fastest of each precision first.
  package static let available = allCases.filter { ck_gemm_is_supported($0.number) }

  private static let float32 = fastest(.float32)
  private static let bfloat16 = fastest(.bfloat16)

  fileprivate static func fastest(_ precision: Precision) -> MatrixKernel? {
    available.first { $0.precision == precision }
  }

  /// The name that a manifest records beside the precision.
  ///
  /// Its number goes up when a change changes bits: caches must not go on across that.
  package var name: String {
    switch self {
    case .bfloat16AVX512, .avx512: "codistill AVX-512, 1"
    case .avx2: "codistill AVX2, 1"
    case .portable: "codistill portable, 1"
    }
  }

  /// The precision that it rounds operands to.
  package var precision: Precision { self == .bfloat16AVX512 ? .bfloat16 : .float32 }

  /// Its number in C.
  fileprivate var number: ck_gemm_kernel {
    switch self {
    case .bfloat16AVX512: ck_gemm_bfloat16_avx512
    case .avx512: ck_gemm_float32_avx512
    case .avx2: ck_gemm_float32_avx2
    case .portable: ck_gemm_float32_portable
    }
  }
}

/// One operand of a matrix product: where it lies, how far its rows are apart, whether it is taken
/// transposed.
package struct Operand {
  let base: UnsafePointer<Float>
  let stride: Int
  let transposed: Bool

  /// A matrix at `base`, its rows `stride` apart.
  package init(_ base: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.base = base
    self.stride = stride
    self.transposed = transposed
  }

  /// The operand without the first `count` rows of op(A).
  func droppingRows(_ count: Int) -> Operand {
    Operand(base + count * (transposed ? 1 : stride), stride: stride, transposed: transposed)
  }

  /// The operand without the first `count` columns of op(A).
  func droppingColumns(_ count: Int) -> Operand {
    Operand(base + count * (transposed ? stride : 1), stride: stride, transposed: transposed)
  }

  fileprivate var kernelOperand: ck_operand {
    ck_operand(base: base, stride: stride, transposed: transposed)
  }
}

/// `C = op(A) op(B)`, or `C += …` when `adding`; C is (m × n), the inner size k, all row-major.
///
/// An element's bits depend on its row of A and column of B alone, for any number of threads.
/// Products in bfloat16 need a CPU that has it: ask ``Precision/isSupported`` first.
package func gemm(
  _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, adding: Bool = false,
  precision: Precision = .float32, into c: UnsafeMutablePointer<Float>, stride: Int
) {
  gemm(m, n, k, a, b, adding: adding, kernel: .of(precision), into: c, stride: stride)
}

/// The product by a kernel that this CPU has.
package func gemm(
  _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, adding: Bool, kernel: MatrixKernel,
  into c: UnsafeMutablePointer<Float>, stride: Int
) {
  guard m > 0, n > 0 else { return }
  let extents = ck_gemm_extents_of(kernel.number)
  Split(m, n, k, extents).forEachPart { rows, columns in
    let scratch = Storage(count: extents.scratch)
    ck_gemm(
      kernel.number, rows.count, columns.count, k,
      a.droppingRows(rows.lowerBound).kernelOperand,
      b.droppingColumns(columns.lowerBound).kernelOperand, adding,
      c + rows.lowerBound * stride + columns.lowerBound, stride, scratch.base)
  }
}

/// The division of a product's elements among the threads.
private struct Split {
  let m, n: Int
  /// The extents of a part; those at the end are smaller.
  let rows, columns: Int

  /// Tiles for about four turns of each thread, no smaller than 128 by 128 unless threads would go
  /// without work.
  ///
  /// A part lays out its rows of A, and its columns of B once for every block of rows: of all ways
  /// to make so many parts, the one that lays out least.
  init(_ m: Int, _ n: Int, _ k: Int, _ extents: ck_gemm_extents) {
    self.m = m
    self.n = n
    let threads = Parallel.availableThreads
    let large = max(1, m / 128) * max(1, n / 128)
    let wanted =
      threads == 1 ? 1 : min(4 * threads, max(large, threads), max(1, (m * n * k) >> 20))
    func layout(rowParts: Int) -> Int {
      m * wanted.divided(by: rowParts) + n * max(rowParts, m.divided(by: extents.block_rows))
    }
    let rowParts =
      (1...wanted).filter { $0 == 1 || m / $0 >= 64 }
      .min { layout(rowParts: $0) < layout(rowParts: $1) } ?? 1
    rows = m.divided(by: rowParts).rounded(to: extents.tile_rows)
    columns = n.divided(by: wanted.divided(by: rowParts)).rounded(to: extents.tile_columns)
  }

  func forEachPart(_ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void) {
    let (down, across) = (m.divided(by: rows), n.divided(by: columns))
    Parallel.forEach(down * across) { index in
      let (row, column) = (index / across * rows, index % across * columns)
      body(row..<min(m, row + rows), column..<min(n, column + columns))
    }
  }
}

extension Int {
  /// The quotient, rounded up.
  fileprivate func divided(by other: Int) -> Int { (self + other - 1) / other }

  /// The next multiple.
  fileprivate func rounded(to multiple: Int) -> Int { divided(by: multiple) * multiple }
}
