import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct SwiGLUTests {
  /// Gates and ups of N rows side by side.
  private func packed(_ gate: [Float], _ up: [Float], rows: Int) -> Tensor {
    let width = gate.count / rows
    var values: [Float] = []
    for row in 0..<rows {
      let columns = (row * width)..<((row + 1) * width)
      values += gate[columns]
      values += up[columns]
    }
    return Tensor([rows, 2 * width], values)
  }

  @Test(arguments: [[1, 2], [3, 14], [5, 34]]) func gradients(shape: [Int]) {
    let x = Tensor.random(shape, seed: 3)
    expectGradients(of: [x]) { swiGLU(packed: x) }
  }

  @Test(arguments: [[1, 1], [300, 161]]) func formula(shape: [Int]) {
    let gate = [Float].random(shape[0] * shape[1], seed: 1, deviation: 4)
    let up = [Float].random(shape[0] * shape[1], seed: 2)
    let expected = zip(gate, up).map { g, u -> Float in
      let silu = Double(g) / (1 + exp(-Double(g)))
      return Float(silu * Double(u))
    }
    let found = swiGLU(packed: packed(gate, up, rows: shape[0]))
    #expect(found.shape == shape)
    expectClose(found.array, expected, relative: 1e-6)
  }

  @Test func extremeGatesStayFinite() {
    let x = packed([-200, -90, 90, 200], [1, 1, 1, 1], rows: 1)
    expectClose(swiGLU(packed: x).array, [0, 0, 90, 200], within: 1e-30)
  }
}
