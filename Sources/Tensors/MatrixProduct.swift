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
  public var isSupported: Bool { self == .float32 || ck_has_gemm_bfloat16() }
}

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
/// The same product has the same bits on any number of threads. With our kernels an element's bits
/// depend on its row of A and column of B alone; OpenBLAS rounds otherwise for other shapes, so
/// that there the work is split by shape only.
///
/// Products in bfloat16 need a CPU that has it: ask ``Precision/isSupported`` first.
package func gemm(
  _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, adding: Bool = false,
  precision: Precision = .float32, into c: UnsafeMutablePointer<Float>, stride: Int
) {
  gemm(
    m, n, k, a, b, adding: adding, precision: precision, kernel: .of(precision), into: c,
    stride: stride)
}

/// The product by a kernel that this CPU has.
package func gemm(
  _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, adding: Bool, precision: Precision,
  kernel: MatrixKernel, into c: UnsafeMutablePointer<Float>, stride: Int
) {
  guard m > 0, n > 0 else { return }
  let usesOpenBLAS = kernel == .openBLAS
  let split = usesOpenBLAS ? Split(panelsOf: m, n, k) : Split(tilesOf: m, n, k)
  split.forEachPart { rows, columns in
    let (a, b) = (a.droppingRows(rows.lowerBound), b.droppingColumns(columns.lowerBound))
    let c = c + rows.lowerBound * stride + columns.lowerBound
    if usesOpenBLAS {
      BLAS.product(rows.count, columns.count, k, a, b, adding: adding, into: c, stride: stride)
    } else {
      let scratch = Storage(count: ck_gemm_scratch())
      let product = precision == .float32 ? ck_gemm_float32 : ck_gemm_bfloat16
      product(
        rows.count, columns.count, k, a.kernelOperand, b.kernelOperand, adding, c, stride,
        scratch.base)
    }
  }
}

/// The division of a product's elements among the threads.
private struct Split {
  let m, n: Int
  /// The extents of a part; those at the end are smaller.
  let rows, columns: Int

  /// At most 16 panels of the longer side, each big enough to be worth a thread: a function of the
  /// shape alone.
  init(panelsOf m: Int, _ n: Int, _ k: Int) {
    let extent = max(m, n)
    let panels = min(16, max(1, min(extent / 128, (m * n * k) >> 20)))
    let panel = extent.divided(by: panels).rounded(to: 16)
    self.m = m
    self.n = n
    rows = m >= n ? panel : m
    columns = m >= n ? n : panel
  }

  /// Tiles for about four turns of each thread, no smaller than 128 by 128 unless threads would go
  /// without work.
  ///
  /// A part lays out its rows of A, and its columns of B once for every block of rows: of all ways
  /// to make so many parts, the one that lays out least.
  init(tilesOf m: Int, _ n: Int, _ k: Int) {
    self.m = m
    self.n = n
    let threads = Parallel.availableThreads
    let large = max(1, m / 128) * max(1, n / 128)
    let wanted =
      threads == 1 ? 1 : min(4 * threads, max(large, threads), max(1, (m * n * k) >> 20))
    let blockRows = ck_gemm_block_rows()
    func layout(rowParts: Int) -> Int {
      m * wanted.divided(by: rowParts) + n * max(rowParts, m.divided(by: blockRows))
    }
    let rowParts =
      (1...wanted).filter { $0 == 1 || m / $0 >= 64 }
      .min { layout(rowParts: $0) < layout(rowParts: $1) } ?? 1
    // Whole tiles of our kernels: 14 rows, 32 columns.
    rows = m.divided(by: rowParts).rounded(to: 14)
    columns = n.divided(by: wanted.divided(by: rowParts)).rounded(to: 32)
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
