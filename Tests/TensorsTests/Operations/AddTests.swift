import Tensors
import TestSupport
import Testing

@Suite struct AddTests {
  @Test(arguments: [1, 7, 33, 40_000]) func sum(count: Int) {
    let (a, b) = (Tensor.random([count], seed: 1), Tensor.random([count], seed: 2))
    #expect((a + b).array == zip(a.array, b.array).map(+))
  }

  @Test(arguments: [[1, 1], [3, 7], [5, 17]]) func gradients(shape: [Int]) {
    let (a, b) = (Tensor.random(shape, seed: 1), Tensor.random(shape, seed: 2))
    expectGradients(of: [a, b]) { a + b }
  }
}
