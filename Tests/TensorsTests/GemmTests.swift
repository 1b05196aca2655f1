import Tensors
import TestSupport
import Testing

/// One product: sizes, transpositions, whether it adds, and how much wider the rows are stored.
struct Product: Sendable, CustomTestStringConvertible {
  let m, n, k: Int
  let transposedA, transposedB, adding: Bool
  let padding: Int

  var testDescription: String {
    "\(m)×\(n)×\(k)\(transposedA ? " Aᵀ" : "")\(transposedB ? " Bᵀ" : "")"
      + "\(adding ? " adding" : "") +\(padding)"
  }

  /// Every combination of transposition, adding and stride at some sizes.
  static func all(_ sizes: [(Int, Int, Int)]) -> [Product] {
    let flags = [false, true]
    return sizes.flatMap { size in
      flags.flatMap { a in
        flags.flatMap { b in
          flags.flatMap { adding in
            [0, 3].map { padding in
              Product(
                m: size.0, n: size.1, k: size.2, transposedA: a, transposedB: b, adding: adding,
                padding: padding)
            }
          }
        }
      }
    }
  }

  /// The rows and columns of A and B as they are stored.
  private var shapeA: (Int, Int) { transposedA ? (k, m) : (m, k) }
  private var shapeB: (Int, Int) { transposedB ? (n, k) : (k, n) }

  /// Random stored operands, and a C whose padding must stay as it is.
  var a: [Float] { .random(shapeA.0 * (shapeA.1 + padding), seed: 1) }
  var b: [Float] { .random(shapeB.0 * (shapeB.1 + padding), seed: 2) }
  var c: [Float] { .random(m * (n + padding), seed: 3) }

  func result(
    _ kernel: MatrixKernel = .of(.float32)
  ) -> [Float] {
    let (a, b, c) = (Tensor([a.count], a), Tensor([b.count], b), Tensor([c.count], c))
    withExtendedLifetime((a, b, c)) {
      gemm(
        m, n, k, Operand(a.values, stride: shapeA.1 + padding, transposed: transposedA),
        Operand(b.values, stride: shapeB.1 + padding, transposed: transposedB), adding: adding,
        kernel: kernel, into: c.values, stride: n + padding)
    }
    return c.array
  }

  /// Three loops, in float64, over operands that are rounded first.
  func reference(rounding: (Float) -> Float = { $0 }) -> [Float] {
    let (a, b) = (a.map(rounding), b.map(rounding))
    var result = c
    let (strideA, strideB, strideC) = (shapeA.1 + padding, shapeB.1 + padding, n + padding)
    let stepA = transposedA ? (row: 1, inner: strideA) : (row: strideA, inner: 1)
    let stepB = transposedB ? (inner: 1, column: strideB) : (inner: strideB, column: 1)
    for row in 0..<m {
      for column in 0..<n {
        var sum = adding ? Double(result[row * strideC + column]) : 0
        for p in 0..<k {
          sum +=
            Double(a[row * stepA.row + p * stepA.inner])
            * Double(b[p * stepB.inner + column * stepB.column])
        }
        result[row * strideC + column] = Float(sum)
      }
    }
    return result
  }
}

extension MatrixKernel {
  /// The kernels of float32 that this CPU has.
  static let float32 = available.filter { $0.precision == .float32 }

  /// Every kernel of float32 with every one of some products.
  static func all(_ products: [Product]) -> [(MatrixKernel, Product)] {
    float32.flatMap { kernel in products.map { (kernel, $0) } }
  }
}

@Suite struct GemmTests {
  @Test(
    arguments: MatrixKernel.all(
      Product.all([(1, 1, 1), (3, 5, 7), (17, 33, 19), (2, 1, 64), (1, 40, 3)])))
  func tripleLoop(_ kernel: MatrixKernel, _ product: Product) {
    expectClose(product.result(kernel), product.reference(), within: 1e-5)
  }

  /// Sizes that are split into parts: by rows, by columns, with a short last one, and along the
  /// inner index.
  @Test(
    arguments: MatrixKernel.all(
      Product.all([(300, 96, 80), (90, 410, 75), (30, 40, 530)]).filter { $0.padding > 0 }))
  func parts(_ kernel: MatrixKernel, _ product: Product) {
    expectClose(product.result(kernel), product.reference(), within: 1e-4)
  }

  @Test(arguments: MatrixKernel.all(Product.all([(4, 5, 0), (0, 5, 3), (5, 0, 3)])))
  func emptySizes(_ kernel: MatrixKernel, _ product: Product) {
    #expect(product.result(kernel) == product.reference())
  }

  @Test(
    arguments: MatrixKernel.all(
      Product.all([(300, 96, 80), (90, 410, 75), (600, 700, 13)])
        .filter { $0.padding == 0 && $0.adding }))
  func sameBitsOnAnyNumberOfThreads(_ kernel: MatrixKernel, _ product: Product) {
    let one = withThreadCount(1) { product.result(kernel) }
    #expect(withThreadCount(2) { product.result(kernel) } == one)
    #expect(withThreadCount(3) { product.result(kernel) } == one)
  }

  /// What lets an expert's rows be computed with any others.
  @Test(arguments: MatrixKernel.available)
  func rowsDoNotDependOnTheirMates(_ kernel: MatrixKernel) {
    let (a, b) = (Tensor.random([500, 300], seed: 1), Tensor.random([70, 300], seed: 2))
    func product(_ rows: Int) -> [Float] {
      let c = Tensor.random([rows, 70], seed: 3)
      withExtendedLifetime(c) {
        gemm(
          rows, 70, 300, Operand(a.values, stride: 300),
          Operand(b.values, stride: 300, transposed: true), adding: false, kernel: kernel,
          into: c.values, stride: 70)
      }
      return c.array
    }
    let whole = product(500)
    for rows in [1, 2, 3, 13, 15, 130] {
      let few = product(rows)
      #expect(few.elementsEqual(whole.prefix(rows * 70)), "\(rows) rows")
    }
  }

  /// Sums of the same numbers in the same order, each product and sum rounded once.
  @Test(
    .enabled(if: MatrixKernel.float32.contains(.avx512) && MatrixKernel.float32.contains(.avx2)),
    arguments: Product.all([(17, 33, 19), (90, 75, 70), (30, 40, 530)]))
  func sameBitsOfAnyWidth(_ product: Product) {
    #expect(product.result(.avx2) == product.result(.avx512))
  }

  @Test(
    .enabled(if: Precision.bfloat16.isSupported),
    arguments: Product.all([(1, 1, 1), (3, 5, 7), (17, 33, 19), (90, 75, 70), (30, 40, 1030)]))
  func bfloat16(_ product: Product) {
    expectClose(
      product.result(.of(.bfloat16)),
      product.reference(rounding: \.roundedToBfloat16), within: 2e-4)
  }
}

extension Float {
  /// The nearest bfloat16, ties to even.
  fileprivate var roundedToBfloat16: Float {
    let odd = (bitPattern >> 16) & 1
    return Float(bitPattern: (bitPattern + 0x7fff + odd) & 0xffff_0000)
  }
}
