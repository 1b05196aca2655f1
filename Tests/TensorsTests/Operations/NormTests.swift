import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct NormTests {
  @Test(arguments: [[1, 1], [3, 7], [5, 17], [2, 130]]) func gradients(shape: [Int]) {
    let x = Tensor.random(shape, seed: 1)
    let weight = Tensor.random([shape[1]], seed: 2)
    expectGradients(of: [x, weight]) { rmsNorm(x, weight, eps: 0.1) }
    expectGradients(of: [x]) { rmsNorm(x, nil, eps: 0.1) }
  }

  @Test(arguments: [1, 5, 8]) func gradientsByHead(width: Int) {
    let x = Tensor.random([5, 3 * width], seed: 1)
    expectGradients(of: [x]) { rmsNorm(x, nil, eps: 0.1, width: width) }
  }

  @Test(arguments: [nil, 6]) func formula(width: Int?) {
    let x = Tensor.random([700, 66], seed: 1)
    let weight = Tensor.random([width ?? 66], seed: 2)
    let y = rmsNorm(x, weight, eps: 1e-5, width: width)
    expectClose(
      y.array, normed(x.array, weight.array, eps: 1e-5), within: 2e-6)
    expectClose(
      rmsNorm(x, nil, eps: 1e-5, width: width).array,
      normed(x.array, weight.array.map { _ in 1 }, eps: 1e-5), within: 2e-6)
  }

  private func normed(_ x: [Float], _ weight: [Float], eps: Double) -> [Float] {
    let C = weight.count
    return stride(from: 0, to: x.count, by: C).flatMap { start in
      let row = x[start..<(start + C)].map(Double.init)
      let mean = row.reduce(0) { $0 + $1 * $1 } / Double(C)
      return zip(row, weight).map { Float($0 / (mean + eps).squareRoot() * Double($1)) }
    }
  }
}
