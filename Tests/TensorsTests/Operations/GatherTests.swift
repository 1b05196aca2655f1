import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct GatherTests {
  static let indices: [Int32] = [4, 0, 4, 2, 4, 0]

  @Test(arguments: [1, 7, 17]) func gather(columns: Int) {
    let x = Tensor.random([5, columns], seed: 1)
    let rows = Self.indices.flatMap { i in x.array[(Int(i) * columns)...].prefix(columns) }
    #expect(Tensors.gather(x, Self.indices).array == rows)
    expectGradients(of: [x]) { Tensors.gather(x, Self.indices) }
  }

  @Test(arguments: [1, 7, 17]) func scatterAdd(columns: Int) {
    let x = Tensor.random([Self.indices.count, columns], seed: 1)
    let base = Tensor.random([5, columns], seed: 2)
    var expected = base.array
    for (n, i) in Self.indices.enumerated() {
      for c in 0..<columns { expected[Int(i) * columns + c] += x.array[n * columns + c] }
    }
    #expect(Tensors.scatterAdd(x, Self.indices, to: base).array == expected)
    expectGradients(of: [x, base]) { Tensors.scatterAdd(x, Self.indices, to: base) }
  }

  @Test func noIndices() {
    let (x, base) = (Tensor.random([5, 3], seed: 1), Tensor.random([4, 3], seed: 2))
    let none = Tensors.gather(x, [])
    #expect(none.shape == [0, 3])
    expectGradients(of: [x, base]) { Tensors.scatterAdd(Tensors.gather(x, []), [], to: base) }
  }

  @Test(arguments: [[1, 1], [6, 7], [3, 17]]) func scaleRows(shape: [Int]) {
    let (x, scale) = (Tensor.random(shape, seed: 1), Tensor.random([shape[0], 1], seed: 2))
    let expected = x.array.enumerated().map { $1 * scale.array[$0 / shape[1]] }
    #expect(Tensors.scaleRows(x, by: scale).array == expected)
    #expect(Tensors.scaleRows(x, by: scale.array).array == expected)
    expectGradients(of: [x, scale]) { Tensors.scaleRows(x, by: scale) }
    expectGradients(of: [x]) { Tensors.scaleRows(x, by: scale.array) }
  }

  @Test(arguments: [1, 5]) func sigmoidGather(experts: Int) {
    let logits = Tensor.random([4, experts], seed: 1)
    let (rows, columns): ([Int32], [Int32]) = ([3, 0, 0, 3, 2], [0, 0, 0, Int32(experts - 1), 0])
    let expected = zip(rows, columns).map { row, column in
      1 / (1 + exp(-logits.array[Int(row) * experts + Int(column)]))
    }
    let chosen = Tensors.sigmoidGather(logits, rows: rows, columns: columns)
    expectClose(chosen.array, expected, within: 1e-7)
    expectGradients(of: [logits]) {
      Tensors.sigmoidGather(logits, rows: rows, columns: columns)
    }
  }
}
