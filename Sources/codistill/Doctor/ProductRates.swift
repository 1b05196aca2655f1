import Base
import Tensors

/// The speed of matrix products here and now, by the kernels that runs use.
package struct ProductRates: Encodable, Equatable {
  /// In one precision, in floating-point operations a second.
  package struct Rate: Encodable, Equatable {
    /// On one thread.
    package var oneThread: Double
    /// On all threads that runs use.
    package var allThreads: Double

    /// A rate by its two figures.
    package init(oneThread: Double, allThreads: Double) {
      self.oneThread = oneThread
      self.allThreads = allThreads
    }
  }

  /// Of float32.
  package var float32: Rate
  /// Of bfloat16, operands rounded on the way; nil where the processor has none.
  package var bfloat16: Rate?

  /// Rates by their figures.
  package init(float32: Rate, bfloat16: Rate?) {
    self.float32 = float32
    self.bfloat16 = bfloat16
  }

  /// The speed of bfloat16 as a multiple of float32's on all threads; nil without bfloat16.
  package var gain: Double? { bfloat16.map { $0.allThreads / float32.allThreads } }
}

extension ProductRates {
  /// A product of a feed-forward on a batch; big enough to keep several threads busy.
  private static let (rows, columns, depth) = (512, 1536, 576)
  /// The most rounds, and the seconds after which none begins once there are three.
  private static let (mostRounds, limit) = (15, 0.8)

  /// The rates of this machine.
  ///
  /// Precisions and numbers of threads take turns, so that what else runs slows all of them alike;
  /// of the rounds the median counts.
  static func measured() -> ProductRates {
    let precisions = Precision.allCases.filter(\.isSupported)
    let all = Parallel.threadCount
    defer { Parallel.threadCount = all }
    let cases = precisions.flatMap { precision in [1, all].map { (precision, $0) } }
    let product = Product()
    for (precision, threads) in cases { _ = product.seconds(precision, threads: threads) }
    var times = cases.map { _ in [Double]() }
    let start = ContinuousClock.now
    while times[0].count < 3
      || times[0].count < mostRounds && start.duration(to: .now) < .seconds(limit)
    {
      for (index, (precision, threads)) in cases.enumerated() {
        times[index].append(product.seconds(precision, threads: threads))
      }
    }
    let rates = times.map { times in
      Double(2 * rows * columns * depth) / times.sorted()[times.count / 2]
    }
    return ProductRates(
      float32: Rate(oneThread: rates[0], allThreads: rates[1]),
      bfloat16: rates.count > 2 ? Rate(oneThread: rates[2], allThreads: rates[3]) : nil)
  }

  /// The product that is measured, with its operands.
  private struct Product {
    private let left = Storage(count: rows * depth)
    private let right = Storage(count: columns * depth)
    private let result = Storage(count: rows * columns)

    init() {
      // Numbers as they come; zeros might be cheaper.
      for operand in [left, right] {
        for index in 0..<operand.count { operand.base[index] = Float(index % 251) / 251 - 0.5 }
      }
    }

    func seconds(_ precision: Precision, threads: Int) -> Double {
      Parallel.threadCount = threads
      let start = ContinuousClock.now
      gemm(
        rows, columns, depth, Operand(left.base, stride: depth),
        Operand(right.base, stride: depth, transposed: true), precision: precision,
        into: result.base, stride: columns)
      return start.duration(to: .now) / .seconds(1)
    }
  }
}
