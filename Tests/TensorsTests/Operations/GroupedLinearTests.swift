import Tensors
import TestSupport
import Testing

@Suite struct GroupedLinearTests {
  /// Rows a group, empty ones at both ends and in the middle; inputs; outputs.
  static let cases: [(groups: [Int], inputs: Int, outputs: Int)] = [
    ([1], 1, 1), ([0, 3, 0, 5, 0], 7, 5), ([2, 0, 17], 33, 19), ([0, 0], 3, 4),
    ([5, 3], 260, 270),
  ]

  @Test(arguments: cases) func gradients(groups: [Int], inputs: Int, outputs: Int) {
    let (x, weight, offsets) = tensors(groups, inputs, outputs)
    expectGradients(of: [x, weight], tolerance: 3e-3) {
      groupedLinear(x, weight, offsets: offsets)
    }
  }

  @Test(arguments: cases) func oneLinearAGroup(groups: [Int], inputs: Int, outputs: Int) {
    let (x, weight, offsets) = tensors(groups, inputs, outputs)
    var expected: [Float] = []
    for (group, (first, last)) in zip(offsets, offsets.dropFirst()).enumerated() {
      let rows = Tensor(
        [last - first, inputs], Array(x.array[(first * inputs)..<(last * inputs)]))
      let matrix = weight.array[(group * inputs * outputs)...]
      let transposed = (0..<outputs).flatMap { o in
        (0..<inputs).map { i in matrix[matrix.startIndex + i * outputs + o] }
      }
      expected += linear(rows, Tensor([outputs, inputs], transposed)).array
    }
    let result = groupedLinear(x, weight, offsets: offsets)
    #expect(result.shape == [x.rows, outputs])
    expectClose(result.array, expected, relative: 2e-6)
  }

  /// Matrices with the output axis first give what their transposes give.
  @Test(arguments: cases) func outputFirst(groups: [Int], inputs: Int, outputs: Int) {
    let (x, weight, offsets) = tensors(groups, inputs, outputs)
    let turned = (0..<groups.count).flatMap { group in
      (0..<outputs).flatMap { o in
        (0..<inputs).map { i in weight.array[(group * inputs + i) * outputs + o] }
      }
    }
    let other = Tensor([groups.count, outputs, inputs], turned, requiresGradient: true)
    expectClose(
      groupedLinear(x, other, offsets: offsets, outputFirst: true).array,
      groupedLinear(x, weight, offsets: offsets).array, relative: 2e-6)
    expectGradients(of: [x, other], tolerance: 3e-3) {
      groupedLinear(x, other, offsets: offsets, outputFirst: true)
    }
  }

  private func tensors(_ groups: [Int], _ inputs: Int, _ outputs: Int) -> (Tensor, Tensor, [Int]) {
    let offsets = groups.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    return (
      .random([offsets[groups.count], inputs], seed: 1),
      .random([groups.count, inputs, outputs], seed: 2), offsets
    )
  }
}
