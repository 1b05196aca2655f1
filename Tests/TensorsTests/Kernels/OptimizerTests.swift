import CKernels
import Foundation
import TestSupport
import Testing

@Suite struct OptimizerTests {
  @Test(arguments: [1, 7, 1000, 49_153]) func sumOfSquares(count: Int) {
    let x = [Float].random(count, seed: 1)
    let expected = x.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(ck_sum_of_squares(count, x) - expected) < 1e-12 * expected)
  }

  @Test(arguments: [1, 7, 33]) func adamW(count: Int) {
    var values = [Float].random(count, seed: 1)
    var (first, second) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    var expected = ReferenceAdamW(values.map(Double.init))
    for step in 1...5 {
      let gradient = [Float].random(count, seed: UInt64(step) + 10, deviation: 0.01)
      var used = gradient
      let corrections = (1 - pow(0.9, Double(step)), 1 - pow(0.95, Double(step)))
      ck_adamw(
        count, &used, 0.5, 0.9, 0.95, 1e-8, Float(1e-2 / corrections.0),
        Float(1 / corrections.1.squareRoot()), Float(1e-2 * 0.1), &first, &second, &values)
      expected.step(step, gradient.map { 0.5 * Double($0) })
      #expect(used.allSatisfy { $0 == 0 }, "the gradient is cleared")
    }
    expectClose(values, expected.values.map(Float.init), within: 1e-6)
    expectClose(first, expected.first.map(Float.init), relative: 1e-6)
    expectClose(second, expected.second.map(Float.init), relative: 1e-6)
  }
}

/// AdamW as in Loshchilov & Hutter 2019, with a learning rate of 0.01 and a decay of 0.1.
private struct ReferenceAdamW {
  var values, first, second: [Double]

  init(_ values: [Double]) {
    self.values = values
    first = values.map { _ in 0 }
    second = first
  }

  mutating func step(_ t: Int, _ gradient: [Double]) {
    for (i, g) in gradient.enumerated() {
      first[i] = 0.9 * first[i] + 0.1 * g
      second[i] = 0.95 * second[i] + 0.05 * g * g
      let mean = first[i] / (1 - pow(0.9, Double(t)))
      let deviation = (second[i] / (1 - pow(0.95, Double(t)))).squareRoot()
      values[i] -= 0.01 * 0.1 * values[i] + 0.01 * mean / (deviation + 1e-8)
    }
  }
}
