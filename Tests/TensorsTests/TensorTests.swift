import TestSupport
import Testing

@testable import Tensors

@Suite struct TensorTests {
  @Test func aTensorUsedTwiceGetsBothGradients() {
    let x = Tensor([3], [1, 2, 3], requiresGradient: true)
    weightedSum(x + x, [1, 10, 100]).backward()
    #expect(x.gradientArray == [2, 20, 200])
  }

  @Test func aResultUsedTwiceGetsBothGradients() {
    let (x, weight) = (Tensor.random([3, 5], seed: 1), Tensor.random([5, 5], seed: 2))
    expectGradients(of: [x, weight]) {
      let h = linear(x, weight)
      return linear(h, weight) + scaleRows(h, by: [1, -2, 3])
    }
  }

  @Test func gradientsOfLeavesAddUp() {
    let x = Tensor([2], [1, 2], requiresGradient: true)
    for _ in 0..<3 { weightedSum(x, [1, 5]).backward() }
    #expect(x.gradientArray == [3, 15])
  }

  @Test(arguments: [true, false]) func longChainsDoNotOverflowTheStack(runsBackward: Bool) {
    let x = Tensor([1], [1], requiresGradient: true)
    let one = Tensor([1], [1])
    var y = x + one
    for _ in 0..<20_000 { y = y + one }
    #expect(y.item == 20_002)
    if runsBackward {
      y.backward()
      #expect(x.gradientArray == [1])
    }
  }

  @Test func backwardFreesWhatItHasUsed() {
    weak var early: Tensor?
    weak var late: Tensor?
    var earlyWasAlive = false
    var lateWasAlive = true
    let x = Tensor([1], [2], requiresGradient: true)
    func chain() -> Tensor {
      let first = Tensor.apply([x], shape: [1]) {
        $0[0] = x.values[0]
      } backward: { _ in
        (earlyWasAlive, lateWasAlive) = (early != nil, late != nil)
      }
      let second = first + first
      (early, late) = (first, second)
      return second + second
    }
    chain().backward()
    #expect(earlyWasAlive)
    #expect(!lateWasAlive, "the values of an operation whose backward has run are still held")
  }

  /// A norm, a gated unit and a gather, forgotten after use: same values, same gradients.
  @Test func whatIsForgottenComesBack() {
    let (x, weight) = (Tensor.random([6, 8], seed: 1), Tensor.random([10, 8], seed: 2))
    let down = Tensor.random([3, 5], seed: 3)
    func gradients(forgetting: Bool) -> [[Float]] {
      for leaf in [x, weight, down] { leaf.gradient.update(repeating: 0, count: leaf.count) }
      let normed = rmsNorm(x, nil, eps: 1e-5)
      let gathered = gather(normed, [5, 0, 0, 3])
      let hidden = swiGLU(packed: linear(gathered, weight))
      let result = linear(hidden, down)
      if forgetting { for tensor in [normed, gathered, hidden] { tensor.forget() } }
      weightedSum(result, (0..<12).map(Float.init)).backward()
      return [x, weight, down].map(\.gradientArray) + [hidden.array]
    }
    #expect(gradients(forgetting: true) == gradients(forgetting: false))
  }

  @Test func forgettingFreesTheValues() {
    let normed = rmsNorm(Tensor.random([2, 8]), nil, eps: 1e-5)
    let values = normed.array
    weak let storage = normed.storage
    normed.forget()
    #expect(storage == nil)
    #expect(normed.array == values)
  }

  @Test func withoutAGradientNothingIsForgotten() {
    let x = Tensor.random([2, 4], requiresGradient: false)
    let sum = x + x
    sum.forget()
    #expect(sum.array == x.array.map { 2 * $0 })
  }

  @Test func operationsOnFrozenTensorsRecordNothing() {
    let (a, b) = (Tensor([2], [1, 2]), Tensor([2], [3, 4]))
    #expect(!(a + b).requiresGradient && (a + b).node == nil)
  }

  @Test func shapes() {
    let x = Tensor.random([2, 3, 5], requiresGradient: false)
    #expect((x.count, x.rows, x.columns) == (30, 6, 5))
    #expect(Tensor([0, 4], []).rows == 0)
  }
}

@Suite struct GradientCheckTests {
  @Test func aWrongBackwardIsNoticed() {
    let x = Tensor.random([3], seed: 1)
    withKnownIssue {
      expectGradients(of: [x]) {
        .apply([x], shape: [3]) { y in
          for i in 0..<3 { y[i] = x.values[i] * x.values[i] }
        } backward: { y in
          for i in 0..<3 { x.gradient[i] += 1.98 * x.values[i] * y.gradient[i] }
        }
      }
    }
  }
}
