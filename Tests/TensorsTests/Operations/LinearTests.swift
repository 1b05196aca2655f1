import Tensors
import TestSupport
import Testing

@Suite struct LinearTests {
  @Test(arguments: [[1, 1, 1], [3, 5, 7], [17, 33, 19], [2, 48, 1]])
  func gradients(sizes: [Int]) {
    let (N, I, O) = (sizes[0], sizes[1], sizes[2])
    let (x, weight) = (Tensor.random([N, I], seed: 1), Tensor.random([O, I], seed: 2))
    let residual = Tensor.random([N, O], seed: 3)
    expectGradients(of: [x, weight]) { linear(x, weight) }
    expectGradients(of: [x, weight, residual]) { linear(x, weight, adding: residual) }
  }

  @Test func residualIsAPlainSum() {
    let (x, weight) = (Tensor.random([19, 21], seed: 1), Tensor.random([23, 21], seed: 2))
    let residual = Tensor.random([19, 23], seed: 3)
    let (fused, plain) = (linear(x, weight, adding: residual), linear(x, weight) + residual)
    expectClose(fused.array, plain.array, relative: 1e-6)
  }

  @Test(arguments: [[1, 1, 1], [3, 5, 7], [17, 33, 19]]) func bias(sizes: [Int]) {
    let (N, I, O) = (sizes[0], sizes[1], sizes[2])
    let (x, weight) = (Tensor.random([N, I], seed: 1), Tensor.random([O, I], seed: 2))
    let bias = Tensor.random([O], seed: 3)
    let expected = linear(x, weight).array.enumerated().map { $1 + bias.array[$0 % O] }
    #expect(linear(x, weight, bias: bias).array == expected)
    expectGradients(of: [x, weight, bias]) { linear(x, weight, bias: bias) }
  }

  @Test func residualThatIsAlsoTheInput() {
    let (x, weight) = (Tensor.random([5, 9], seed: 1), Tensor.random([9, 9], seed: 2))
    expectGradients(of: [x, weight]) { linear(x, weight, adding: x) }
  }

  @Test func frozenInputsStayWithoutGradient() {
    let x = Tensor.random([4, 3], seed: 1, requiresGradient: false)
    let weight = Tensor.random([5, 3], seed: 2)
    expectGradients(of: [weight]) { linear(x, weight) }
    #expect(!x.requiresGradient && x.gradientArray.allSatisfy { $0 == 0 })
    #expect(!linear(x, x).requiresGradient)
  }
}
