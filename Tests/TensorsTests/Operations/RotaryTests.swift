import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct RotaryTests {
  static let positions: [Int32] = [0, 1, 2, 0, 1, 900, 7]

  @Test(arguments: [true, false], [2, 6, 8]) func gradients(interleaved: Bool, width: Int) {
    let table = table(width, interleaved)
    let x = Tensor.random([7, 3 * width], seed: 1)
    expectGradients(of: [x]) { rotary(x, heads: 3, table) }
  }

  @Test(arguments: [true, false], [2, 6, 64]) func formula(interleaved: Bool, width: Int) {
    let (x, half) = (Tensor.random([7, 3 * width], seed: 1), width / 2)
    let (input, output) = (x.array, rotary(x, heads: 3, table(width, interleaved)).array)
    for row in 0..<7 {
      for (head, j) in (0..<3).flatMap({ head in (0..<half).map { (head, $0) } }) {
        let start = (row * 3 + head) * width
        let first = start + (interleaved ? 2 * j : j)
        let second = interleaved ? first + 1 : first + half
        let angle = Double(Float(Self.positions[row]) * frequencies(half)[j])
        let (a, b) = (Double(input[first]), Double(input[second]))
        #expect(abs(Double(output[first]) - (a * cos(angle) - b * sin(angle))) < 1e-6)
        #expect(abs(Double(output[second]) - (a * sin(angle) + b * cos(angle))) < 1e-6)
      }
    }
  }

  @Test func aMagnitudeMultipliesAll() {
    let x = Tensor.random([7, 24], seed: 1)
    func table(_ magnitude: Float) -> RotaryTable {
      RotaryTable(
        positions: Self.positions, frequencies: frequencies(4), interleaved: false,
        magnitude: magnitude)
    }
    let plain = rotary(x, heads: 3, table(1)).array
    expectClose(rotary(x, heads: 3, table(1.5)).array, plain.map { 1.5 * $0 }, within: 1e-6)
    expectGradients(of: [x]) { rotary(x, heads: 3, table(1.5)) }
  }

  private func frequencies(_ half: Int) -> [Float] {
    (0..<half).map { pow(10, -Float($0) / Float(half)) }
  }

  private func table(_ width: Int, _ interleaved: Bool) -> RotaryTable {
    RotaryTable(
      positions: Self.positions, frequencies: frequencies(width / 2), interleaved: interleaved)
  }
}
