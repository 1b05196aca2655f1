import ArgumentParser
import CBLASLimit
import CKernels
import Foundation
import Tensors

/// `codistill-bench products`: matrix products on one thread, a JSON line for every shape.
struct ProductsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "products",
    abstract: "Measure our matrix products and OpenBLAS's on one thread: the best of 20 runs.")

  @Argument(help: "Shapes m×n×k as MxNxK, and N or T for each operand: 8x2048x512NT.")
  var shapes: [ProductShape]

  func run() throws {
    openblas_set_num_threads(1)  // A call: one thread is measured.
    for shape in shapes {
      let product = ShapedProduct(shape)
      let rates = Rates(
        shape: shape.name, openblas: product.rate { product.openBLAS() },
        oursFp32: product.rate { product.ours(Self.float32) },
        oursBf16: ck_gemm_is_supported(ck_gemm_bfloat16_avx512)
          ? product.rate { product.ours(ck_gemm_bfloat16_avx512) } : nil)
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      print(String(decoding: try encoder.encode(rates), as: UTF8.self))
    }
  }

  /// The kernel that Codistill multiplies float32 with.
  private static let float32 =
    [ck_gemm_float32_avx512, ck_gemm_float32_avx2].first(where: ck_gemm_is_supported)
    ?? ck_gemm_float32_portable

  private struct Rates: Encodable {
    let shape: String
    let openblas, oursFp32: Double
    let oursBf16: Double?
  }
}

/// The sizes of a product, and which operands are taken transposed.
struct ProductShape: ExpressibleByArgument {
  let name: String
  let m, n, k: Int
  let transposedA, transposedB: Bool

  init?(argument: String) {
    let sizes = argument.dropLast(2).split(separator: "x").compactMap { Int($0) }
    let letters = Array(argument.suffix(2))
    guard sizes.count == 3, sizes.allSatisfy({ (1...65_536).contains($0) }), letters.count == 2,
      letters.allSatisfy({ $0 == "N" || $0 == "T" })
    else { return nil }
    (name, m, n, k) = (argument, sizes[0], sizes[1], sizes[2])
    (transposedA, transposedB) = (letters[0] == "T", letters[1] == "T")
  }
}

/// A shape with operands to multiply.
private final class ShapedProduct {
  private let shape: ProductShape
  private let a, b, c: FloatBuffer

  init(_ shape: ProductShape) {
    self.shape = shape
    a = FloatBuffer(count: shape.m * shape.k)
    b = FloatBuffer(count: shape.k * shape.n)
    c = FloatBuffer(count: shape.m * shape.n)
    for i in 0..<shape.m * shape.k { a.base[i] = Float(i % 17) / 17 - 0.5 }
    for i in 0..<shape.k * shape.n { b.base[i] = Float(i % 13) / 13 - 0.5 }
  }

  /// GFLOP/s of the best of 20 runs.
  func rate(_ work: () -> Void) -> Double {
    let best = (0..<20).map { _ in seconds(work) }.min() ?? .infinity
    return 2 * Double(shape.m * shape.n * shape.k) / best / 1e9
  }

  private var strideA: Int { shape.transposedA ? shape.m : shape.k }
  private var strideB: Int { shape.transposedB ? shape.k : shape.n }

  func openBLAS() {
    cblas_sgemm(
      CblasRowMajor, shape.transposedA ? CblasTrans : CblasNoTrans,
      shape.transposedB ? CblasTrans : CblasNoTrans, Int32(shape.m), Int32(shape.n),
      Int32(shape.k), 1, a.base, Int32(strideA), b.base, Int32(strideB), 0, c.base, Int32(shape.n))
  }

  func ours(_ kernel: ck_gemm_kernel) {
    let scratch = FloatBuffer(count: ck_gemm_extents_of(kernel).scratch)
    ck_gemm(
      kernel, shape.m, shape.n, shape.k,
      ck_operand(base: a.base, stride: strideA, transposed: shape.transposedA),
      ck_operand(base: b.base, stride: strideB, transposed: shape.transposedB), false, c.base,
      shape.n, scratch.base)
  }
}
