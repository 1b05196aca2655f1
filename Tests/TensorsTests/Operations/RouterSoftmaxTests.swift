import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct RouterSoftmaxTests {
  static let rows: [Int32] = [3, 0, 0, 3, 2]
  static let columns: [Int32] = [1, 0, 4, 2, 0]

  @Test func overTheWholeRow() {
    let logits = Tensor.random([4, 5], seed: 1)
    let expected = zip(Self.rows, Self.columns).map { row, column in
      let values = logits.array[(Int(row) * 5)...].prefix(5)
      return exp(logits.array[Int(row) * 5 + Int(column)])
        / values.reduce(0) { $0 + exp($1) }
    }
    let chosen = softmaxGather(logits, rows: Self.rows, columns: Self.columns, overChosen: false)
    expectClose(chosen.array, expected, within: 1e-6)
  }

  @Test func overTheChosenAddsUpToOne() {
    let logits = Tensor.random([4, 5], seed: 1)
    let chosen = softmaxGather(logits, rows: Self.rows, columns: Self.columns, overChosen: true)
    let first = 1 / (1 + exp(logits.array[4] - logits.array[0]))
    expectClose(
      [chosen.array[1], chosen.array[1] + chosen.array[2], chosen.array[4]], [first, 1, 1],
      within: 1e-6)
  }

  @Test(arguments: [true, false]) func gradients(overChosen: Bool) {
    let logits = Tensor.random([4, 5], seed: 1)
    expectGradients(of: [logits]) {
      softmaxGather(logits, rows: Self.rows, columns: Self.columns, overChosen: overChosen)
    }
  }
}
