import Base
import Tensors

/// The bootstrap over documents (Efron 1979): means over data sets that are drawn, document by
/// document and with replacement, from the one there is.
///
/// Every run meets the same resamples, so that what the runs share cancels in their differences.
package struct DocumentBootstrap: Sendable, Equatable {
  /// The number of data sets that are drawn.
  package let resamples: Int
  /// The seed of the draws.
  package let seed: UInt64

  /// A bootstrap; the standard error of a standard error from `resamples` draws is about
  /// 1/√(2 · resamples) of it.
  package init(resamples: Int = 1000, seed: UInt64 = 1) {
    precondition(resamples > 1, "\(resamples) resamples")
    self.resamples = resamples
    self.seed = seed
  }

  /// The token-weighted means of every run on every resample.
  ///
  /// - Parameters:
  ///   - sums: The sum over each document, of each run.
  ///   - tokens: The number of predictions of each document; those without any are never drawn.
  /// - Returns: The means, (runs, resamples).
  func means(of sums: [[Double]], tokens: [Int]) -> [[Double]] {
    let drawn = tokens.indices.filter { tokens[$0] > 0 }
    let columns = sums.map { run in drawn.map { run[$0] } }
    let counts = drawn.map { Double(tokens[$0]) }
    var means = Array(repeating: Array(repeating: 0.0, count: resamples), count: sums.count)
    guard !drawn.isEmpty else { return means }
    var generator = SplitMix64(seed: seed)
    for resample in 0..<resamples {
      let weights = Self.weights(drawn.count, &generator)
      let total = Self.product(weights, counts)
      for (run, column) in columns.enumerated() {
        means[run][resample] = Self.product(weights, column) / total
      }
    }
    return means
  }

  /// Returns the number of times that each of some documents is in a resample of as many.
  private static func weights(_ count: Int, _ generator: inout SplitMix64) -> [Double] {
    var weights = Array(repeating: 0.0, count: count)
    weights.withUnsafeMutableBufferPointer { weights in
      // The high half of 64 bits times the count is even to within count/2⁶⁴.
      for _ in 0..<count {
        weights[Int(generator.next().multipliedFullWidth(by: UInt64(count)).high)] += 1
      }
    }
    return weights
  }

  private static func product(_ left: [Double], _ right: [Double]) -> Double {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        var (sum, index) = (0.0, 0)
        while index < left.count {
          sum += left[index] * right[index]
          index += 1
        }
        return sum
      }
    }
  }
}
