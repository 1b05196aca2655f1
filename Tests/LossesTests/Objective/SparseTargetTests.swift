import Foundation
@testable import Losses
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing

/// What sparse unbiased targets promise: losses and gradients that are right on average.
@Suite struct SparseTargetTests {
  private static let (vocabulary, width, draws) = (60, 4, 3000)
  private let hidden = [Float].random(width, seed: 3)
  private let output = [Float].random(vocabulary * width, seed: 4)
  private let teacher = [Float].random(vocabulary, seed: 5, deviation: 2)

  private func targets(_ signal: SparseTargets, _ temperature: Double) -> LossTargets {
    LossTargets(
      labels: [2], signal: TeacherSignal([.sparse(signal)]), soft: [1], hard: [0],
      temperature: Float(temperature))
  }

  /// The loss under many captures of the same teacher.
  private func forEachDraw(
    of logits: [Float], threshold: Double, temperature: Double, _ body: (LossResult) -> Void
  ) throws {
    var sampler = try TargetSampler(
      codec: .threshold(threshold: threshold, temperature: temperature),
      vocabularySize: Self.vocabulary, seed: 17)
    for draw in 0..<Self.draws {
      var signal = SparseTargets()
      try logits.withUnsafeBufferPointer {
        try sampler.append(
          logits: $0, nextToken: 2, sequence: UInt64(draw), position: 0, to: &signal)
      }
      body(
        LossResult(
          hidden: hidden, output: output, width: Self.width, targets(signal, temperature),
          normalizer: 1))
    }
  }

  /// The same with the exact distribution.
  private func exact(of logits: [Float], temperature: Double) -> LossReference {
    let p = softmax(logits.map { Double($0) / temperature })
    let row = LossReference.Row(
      label: 2, soft: 1, hard: 0, teacher: p, entropy: p.reduce(0) { $0 - $1 * log($1) })
    return LossReference(
      rows: [row], vocabulary: Self.vocabulary, width: Self.width, temperature: temperature,
      normalizer: 1)
  }

  @Test(arguments: [(0.05, 1.0), (0.2, 1.0), (0.05, 2.0)])
  func meanGradientIsThatOfTheWholeDistribution(threshold: Double, temperature: Double) throws {
    let expected = exact(of: teacher, temperature: temperature)(
      hidden: hidden.map(Double.init), output: output.map(Double.init))
    let p = softmax(teacher.map { Double($0) / temperature })
    // Tokens that are drawn a few times only have no standard error worth the name: taken together.
    let rare = Set(p.indices.filter { p[$0] * Double(Self.draws) < 25 * threshold })
    #expect(rare.count < Self.vocabulary / 2)
    var means = SampleMeans(1 + hidden.count + output.count + Self.width)
    try forEachDraw(of: teacher, threshold: threshold, temperature: temperature) { result in
      means.add(
        [Double(result.loss)] + result.hidden.map(Double.init)
          + pooled(result.output.map(Double.init), rare))
    }
    means.expectMeans([expected.loss] + expected.hidden + pooled(expected.output, rare))
    // Near enough that a bias of two percent would show.
    let largest = expected.hidden.map { abs($0) }.reduce(0, max)
    #expect((1...Self.width).allSatisfy { means.standardError($0) < 0.005 * largest })
  }

  /// Rows (V, D) with those of some tokens set to zero, and the sum of these as a last row.
  private func pooled(_ rows: [Double], _ tokens: Set<Int>) -> [Double] {
    var (kept, sum) = (rows, [Double](repeating: 0, count: Self.width))
    for token in tokens {
      for d in 0..<Self.width {
        sum[d] += rows[token * Self.width + d]
        kept[token * Self.width + d] = 0
      }
    }
    return kept + sum
  }

  @Test(arguments: [1.0, 2.0])
  func divergenceFromItselfIsZeroOnAverage(temperature: Double) throws {
    let logits = (0..<Self.vocabulary).map { v in
      (0..<Self.width).reduce(Float(0)) { $0 + hidden[$1] * output[v * Self.width + $1] }
    }
    var means = SampleMeans(1 + hidden.count)
    var negative = 0
    try forEachDraw(of: logits, threshold: 0.1, temperature: temperature) { result in
      means.add([result.sums.soft] + result.hidden.map(Double.init))
      if result.sums.soft < 0 { negative += 1 }
    }
    means.expectMeans(Array(repeating: 0, count: 1 + hidden.count))
    #expect(negative > 0, "single predictions may come out negative")
  }

  @Test(arguments: [1.0, 2.0])
  func divergenceFromItselfIsZeroOnDenseTargets(temperature: Double) throws {
    let problem = LossProblem(count: 20, vocabulary: Self.vocabulary)
    let logits = linear(
      Tensor([20, problem.width], problem.hidden),
      Tensor([Self.vocabulary, problem.width], problem.output))
    var whole = DenseTargets(vocabularySize: Self.vocabulary)
    for row in 0..<20 {
      try logits.withValues { values in
        try whole.append(
          logits: UnsafeBufferPointer(
            rebasing: values[(row * Self.vocabulary)..<((row + 1) * Self.vocabulary)]),
          nextToken: 0, temperature: temperature)
      }
    }
    let result = LossResult(
      hidden: problem.hidden, output: problem.output, width: problem.width,
      LossTargets(
        labels: problem.labels, signal: TeacherSignal([.dense(whole)]),
        soft: Array(repeating: 1, count: 20), hard: Array(repeating: 0, count: 20),
        temperature: Float(temperature)),
      normalizer: 20)
    // float16 log-probabilities are right to 2^-11 of themselves.
    #expect(abs(result.sums.soft) / 20 < 1e-3)
    expectClose(result.hidden, problem.hidden.map { _ in 0 }, within: 1e-3)
    expectClose(result.output, problem.output.map { _ in 0 }, within: 1e-3)
  }
}
