import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct SwiGLUTests {
  @Test(arguments: [[1, 1], [3, 7], [5, 17]]) func gradients(shape: [Int]) {
    let (gate, up) = (Tensor.random(shape, seed: 1), Tensor.random(shape, seed: 2))
    expectGradients(of: [gate, up]) { swiGLU(gate, up) }
    let packed = Tensor.random([shape[0], 2 * shape[1]], seed: 3)
    expectGradients(of: [packed]) { swiGLU(packed: packed) }
  }

  @Test(arguments: [[1, 1], [300, 161]]) func formula(shape: [Int]) {
    let gate = Tensor.random(shape, seed: 1, deviation: 4)
    let up = Tensor.random(shape, seed: 2)
    let expected = zip(gate.array, up.array).map { g, u -> Float in
      let silu = Double(g) / (1 + exp(-Double(g)))
      return Float(silu * Double(u))
    }
    expectClose(swiGLU(gate, up).array, expected, relative: 1e-6)
  }

  @Test func extremeGatesStayFinite() {
    let gate = Tensor([1, 4], [-200, -90, 90, 200])
    let result = swiGLU(gate, Tensor([1, 4], [1, 1, 1, 1])).array
    expectClose(result, [0, 0, 90, 200], within: 1e-30)
  }

  @Test func packedEqualsSeparate() {
    let (N, F) = (9, 21)
    let packed = Tensor.random([N, 2 * F], seed: 1)
    let gate = Tensor([N, F], packed.array.columns(0..<F, of: 2 * F), requiresGradient: true)
    let up = Tensor([N, F], packed.array.columns(F..<(2 * F), of: 2 * F), requiresGradient: true)
    let weights = [Float].random(N * F, seed: 3)
    let (a, b) = (swiGLU(gate, up), swiGLU(packed: packed))
    expectClose(a.array, b.array, relative: 1e-7)
    weightedSum(a, weights).backward()
    weightedSum(b, weights).backward()
    let slopes = packed.gradientArray
    let (dgate, dup) = (slopes.columns(0..<F, of: 2 * F), slopes.columns(F..<(2 * F), of: 2 * F))
    expectClose(dgate, gate.gradientArray, relative: 1e-6)
    expectClose(dup, up.gradientArray, relative: 1e-6)
  }
}
