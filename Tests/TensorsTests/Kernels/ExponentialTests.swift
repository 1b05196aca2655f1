import CKernels
import Foundation
import Testing

@Suite struct ExponentialTests {
  private func exponentials(_ x: [Float]) -> [Float] {
    var result = x
    ck_scaled_softmax(x.count, 1, ck_normalizer(peak: 0, log_sum: 0), 1, x, &result)
    return result
  }

  @Test func agreesWithFoundation() {
    let x = (0...160_000).map { Float($0) / 1000 - 80 }
    let worst = zip(x, exponentials(x)).reduce(0) { worst, pair in
      max(worst, abs(Double(pair.1) / exp(Double(pair.0)) - 1))
    }
    #expect(worst < 1e-7)
  }

  @Test func zeroIsOne() { #expect(exponentials([0, -0.0]) == [1, 1]) }

  @Test func clampsInsteadOfOverflowing() {
    let ends = exponentials([-.infinity, -1e30, -100, 100, 1e30, .infinity])
    #expect(ends.allSatisfy { $0.isFinite && $0 > 0 })
    #expect(ends[2] < 2e-38 && ends[3] > 1e38)
  }

  @Test(arguments: [1, 16, 33]) func notANumberStaysSo(count: Int) {
    let row = exponentials(Array(repeating: .nan, count: count))
    #expect(row.allSatisfy { $0.isNaN })
  }
}
