import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct RouterLossTests {
  @Test(arguments: [[1, 1], [5, 3], [17, 7]]) func gradients(shape: [Int]) {
    let logits = Tensor.random(shape, seed: 1)
    let assignments = (0..<shape[1]).map { 3 * $0 + 1 }
    expectGradients(of: [logits]) {
      routerLoss(logits, assignments: assignments, balance: 0.7, z: 0.3)
    }
  }

  @Test func balanceIsOneWhenBalanced() {
    let logits = Tensor.random([12, 4], seed: 1)
    #expect(abs(routerLoss(logits, assignments: [3, 3, 3, 3], balance: 1, z: 0).item - 1) < 1e-6)
    let level = Tensor([2, 4], Array(repeating: 5, count: 8))
    #expect(abs(routerLoss(level, assignments: [8, 0, 0, 0], balance: 1, z: 0).item - 1) < 1e-6)
  }

  @Test func balanceIsTheExpertCountWhenCollapsed() {
    let logits = Tensor([3, 4], Array(repeating: [90, 0, 0, 0], count: 3).flatMap { $0 })
    #expect(abs(routerLoss(logits, assignments: [3, 0, 0, 0], balance: 1, z: 0).item - 4) < 1e-5)
  }

  @Test func zLossIsTheMeanSquareOfLogSumExp() {
    let logits = Tensor.random([5, 6], seed: 2, deviation: 3)
    let squares = (0..<5).map { n in
      let sum = logits.array[(n * 6)..<((n + 1) * 6)].reduce(0) { $0 + exp(Double($1)) }
      return log(sum) * log(sum)
    }
    let loss = routerLoss(logits, assignments: [5, 0, 0, 0, 0, 0], balance: 0, z: 1).item
    #expect(abs(Double(loss) - squares.reduce(0, +) / 5) < 1e-5)
  }
}
