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

  func result() -> [Float] {
    let (a, b, c) = (Tensor([a.count], a), Tensor([b.count], b), Tensor([c.count], c))
    withExtendedLifetime((a, b, c)) {
      gemm(
        m, n, k, Operand(a.values, stride: shapeA.1 + padding, transposed: transposedA),
        Operand(b.values, stride: shapeB.1 + padding, transposed: transposedB), adding: adding,
        into: c.values, stride: n + padding)
    }
    return c.array
  }

  /// Three loops, in float64.
  func reference() -> [Float] {
    let (a, b) = (a, b)
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

@Suite struct GemmTests {
  @Test(arguments: Product.all([(1, 1, 1), (3, 5, 7), (17, 33, 19), (2, 1, 64), (1, 40, 3)]))
  func tripleLoop(_ product: Product) {
    expectClose(product.result(), product.reference(), within: 1e-5)
  }

  /// Sizes that are split into panels: by rows, by columns, with a short last one.
  @Test(
    arguments: Product.all([(300, 96, 80), (90, 410, 75)]).filter { $0.padding > 0 })
  func panels(_ product: Product) {
    expectClose(product.result(), product.reference(), within: 5e-5)
  }

  @Test(arguments: Product.all([(4, 5, 0), (0, 5, 3), (5, 0, 3)]))
  func emptySizes(_ product: Product) {
    #expect(product.result() == product.reference())
  }

  @Test(
    arguments: Product.all([(300, 96, 80), (90, 410, 75), (600, 700, 13)])
      .filter { $0.padding == 0 && $0.adding })
  func sameBitsOnAnyNumberOfThreads(_ product: Product) {
    let one = withThreadCount(1) { product.result() }
    #expect(withThreadCount(2) { product.result() } == one)
    #expect(withThreadCount(3) { product.result() } == one)
  }
}
