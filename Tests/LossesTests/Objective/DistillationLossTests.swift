@testable import Losses
import Tensors
import TestRuns
import TestSupport
import Testing

@Suite struct DistillationLossTests {
  static let problems: [LossProblem] = LossProblem.Teacher.allCases.flatMap { teacher in
    [1, 2].flatMap { temperature in
      [(9, 1), (10, 7), (75, 1000)].map { count, vocabulary in
        LossProblem(
          count: count, vocabulary: vocabulary, teacher: teacher, temperature: temperature)
      }
    }
  }

  @Test(arguments: problems)
  func lossAndGradientsAreThoseOfTheFormulas(problem: LossProblem) {
    let expected = problem.reference(
      hidden: problem.hidden.map(Double.init), output: problem.output.map(Double.init))
    let found = LossResult(problem)
    #expect(abs(Double(found.loss) - expected.loss) < 2e-5 * max(1, abs(expected.loss)))
    expectClose(found.hidden, expected.hidden.map { Float($0) }, within: 2e-6, "hidden")
    expectClose(found.output, expected.output.map { Float($0) }, within: 5e-6, "output")
  }

  /// The slope of a function along one value, from a central difference.
  private func slope(
    at place: Int, of values: [Double], _ function: ([Double]) -> Double
  ) -> Double {
    let step = 1e-4
    var (above, below) = (values, values)
    above[place] += step
    below[place] -= step
    return (function(above) - function(below)) / (2 * step)
  }

  /// The formulas themselves, against differences.
  @Test(arguments: problems.filter { $0.vocabulary == 7 })
  func gradientsAreTheSlopesOfTheLoss(problem: LossProblem) {
    let (hidden, output) = (problem.hidden.map(Double.init), problem.output.map(Double.init))
    let (reference, found) = (problem.reference, LossResult(problem))
    for place in hidden.indices {
      let slope = slope(at: place, of: hidden) { reference(hidden: $0, output: output).loss }
      #expect(abs(Double(found.hidden[place]) - slope) < 2e-6, "hidden \(place)")
    }
    for place in output.indices {
      let slope = slope(at: place, of: output) { reference(hidden: hidden, output: $0).loss }
      #expect(abs(Double(found.output[place]) - slope) < 2e-6, "output \(place)")
    }
  }

  @Test(arguments: [1, 31, 32, 33, 64, 75], LossProblem.Teacher.allCases)
  func chunksOfRowsChangeNothing(count: Int, teacher: LossProblem.Teacher) {
    let problem = LossProblem(count: count, vocabulary: 40, teacher: teacher, temperature: 2)
    let whole = LossResult(problem)
    let parts = LossResult(problem, chunkRows: 32)
    #expect(parts.sums.count == whole.sums.count)
    #expect(abs(parts.loss - whole.loss) <= 1e-6 * abs(whole.loss))
    expectClose(parts.hidden, whole.hidden, within: 1e-6)
    expectClose(parts.output, whole.output, within: 2e-6)
  }

  @Test func aMaskedPredictionCountsInNothing() {
    var problem = LossProblem(count: 6, vocabulary: 20)
    problem.weights = [(0.5, 0.5), (0, 0)]
    let found = LossResult(problem)
    #expect(found.sums.count == 3)
    for row in [1, 3, 5] {
      #expect(found.hidden[(row * 5)..<(row * 5 + 5)].allSatisfy { $0 == 0 })
    }
    var others = problem
    others.weights = [(0.5, 0.5), (1, 1)]
    let all = LossResult(others)
    #expect(all.sums.count == 6)
    #expect(all.hidden[0..<5] == found.hidden[0..<5], "a prediction's gradient is its own")
  }

  @Test func sumsAreUnweightedAndAsApplied() {
    var problem = LossProblem(count: 4, vocabulary: 20, temperature: 2)
    problem.weights = [(1, 0), (0, 1), (0.3, 0.7), (2, 5)]
    problem.normalizer = 1
    let weighted = LossResult(problem)
    #expect(abs(weighted.sums.softWeight - 3.3) < 1e-6)
    #expect(abs(weighted.sums.hardWeight - 6.7) < 1e-6)
    let terms = weighted.sums.softTerm + weighted.sums.hardTerm
    #expect(abs(Double(weighted.loss) - terms) < 1e-4)
    problem.weights = [(1, 1)]
    let plain = LossResult(problem).sums
    #expect((plain.hard, plain.soft) == (weighted.sums.hard, weighted.sums.soft))
    problem.weights = [(1, 0)]
    // Minimised is T² times the divergence that is reported.
    #expect(abs(Double(LossResult(problem).loss) - 4 * weighted.sums.soft) < 1e-4)
  }

  @Test func aFrozenProjectionGetsNoGradient() {
    let problem = LossProblem(count: 3, vocabulary: 20)
    let hidden = Tensor([3, 5], problem.hidden, requiresGradient: true)
    let output = Tensor([20, 5], problem.output)
    let (loss, _) = distillationLoss(
      hidden: hidden, output: output, problem.targets, normalizer: problem.normalizer)
    loss.backward()
    #expect(hidden.gradientArray == LossResult(problem).hidden)
    #expect(output.gradientArray.allSatisfy { $0 == 0 })
  }
}
