import Foundation
@testable import Losses
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing

@Suite struct ObjectiveTests {
  static let rules: [TokenRule] = [
    .teacherEntropy(favor: .sure, power: 1), .teacherEntropy(favor: .unsure, power: 2),
    .trueTokenProbability(power: 0.5), .teacherRight(otherwise: 0.25), .weightedSoftLabels,
    .adaptive(alpha: 0.2, easy: 0.5),
  ]
  static let objectives: [Objective] =
    ObjectiveReference.divergences.map { Objective(divergence: $0) }
    + rules.map { Objective(rule: $0) }
    + ObjectiveReference.targets.map { Objective(target: $0) }
    + [
      Objective(
        divergence: .jensenShannon(beta: 0.4), target: .corrected(margin: 0.1),
        rule: .teacherEntropy(favor: .sure, power: 1))
    ]
  static let problems: [ObjectiveProblem] = objectives.flatMap { objective in
    ObjectiveProblem.Teacher.allCases.flatMap { teacher in
      [Float(1), 2].map {
        ObjectiveProblem(objective: objective, teacher: teacher, temperature: $0)
      }
    }
  }

  /// Dense targets are rounded to float16, by up to 2⁻⁸ of a log-probability around 4.
  private static func tolerance(_ problem: ObjectiveProblem) -> Double {
    problem.teacher == .live ? 2e-5 : 4e-3
  }

  @Test(arguments: problems)
  func lossAndGradientAreThoseOfTheFormula(problem: ObjectiveProblem) throws {
    let (found, expected) = (try problem.found(), problem.expected())
    let tolerance = Self.tolerance(problem)
    #expect(abs(Double(found.loss) - expected.loss) < tolerance * max(1, abs(expected.loss)))
    expectClose(found.hidden, expected.hidden.map { Float($0) }, within: Float(tolerance))
    #expect(found.hidden[4..<8].allSatisfy { $0 == 0 }, "the second prediction is masked")
  }

  /// A vocabulary of several blocks, which ends within one.
  @Test(arguments: objectives)
  func wideVocabulariesGiveTheSame(objective: Objective) throws {
    let problem = ObjectiveProblem(
      objective: objective, teacher: .live, temperature: 1, vocabulary: 700)
    let (found, expected) = (try problem.found(), problem.expected())
    #expect(abs(Double(found.loss) - expected.loss) < 3e-5 * max(1, abs(expected.loss)))
    expectClose(found.hidden, expected.hidden.map { Float($0) }, within: 3e-5)
  }

  /// The projection's gradient, of which the hidden states' test says nothing.
  @Test(arguments: objectives)
  func theProjectionLearnsWhatItsLogitsDo(objective: Objective) throws {
    let problem = ObjectiveProblem(objective: objective, teacher: .live, count: 1)
    let (found, expected) = (try problem.found(), problem.expected())
    // Of one prediction: dh = Wᵀ g and dW = g hᵀ, so that Σ W dW = h dh.
    let product = zip(problem.output, found.output).reduce(0) { $0 + Double($1.0 * $1.1) }
    let other = zip(problem.hidden, expected.hidden).reduce(0) { $0 + Double($1.0) * $1.1 }
    #expect(abs(product - other) < 1e-5)
  }

  @Test(arguments: ObjectiveReference.divergences + [.forwardKL])
  func aTeacherEqualToTheStudentIsAtNoDistance(divergence: Divergence) throws {
    let (hidden, output) = ([Float].random(20, seed: 1), [Float].random(28, seed: 2))
    let live = try LiveTargets(
      hidden: Tensor([5, 4], hidden), output: Tensor([7, 4], output), labels: [0, 1, 2, 3, 4],
      temperature: 2)
    let ones = [Float](repeating: 1, count: 5)
    let targets = LossTargets(
      labels: [0, 1, 2, 3, 4], signal: TeacherSignal([TeacherPart.live(live)]), soft: ones,
      hard: ones.map { _ in 0 }, temperature: 2, objective: Objective(divergence: divergence))
    let found = LossResult(hidden: hidden, output: output, width: 4, targets, normalizer: 1)
    #expect(abs(found.loss) < 2e-5)
    #expect(found.hidden.allSatisfy { abs($0) < 2e-6 })
  }
}

@Suite struct CoarseAndCorrectedTests {
  private static let labels: [Int32] = [3, 0, 5]
  private static let hidden = [Float].random(12, seed: 31)
  private static let output = [Float].random(36, seed: 32)

  /// The rows of a teacher, and which tokens of each are its exact head.
  private static let rows: [(p: [Double], head: Set<Int>)] = [
    ([0.5, 0.3, 0.05, 0.05, 0.04, 0.03, 0.02, 0.005, 0.005], [0, 1]),
    ([0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.05, 0.03, 0.02], [0, 1, 2]),
    ([0.02, 0.02, 0.02, 0.02, 0.02, 0.82, 0.04, 0.02, 0.02], [5]),
  ]

  /// Rows of sparse targets: the head alone, or every token, each with its whole probability.
  private func targets(_ isHead: Bool) -> SparseTargets {
    var targets = SparseTargets()
    for (row, label) in zip(Self.rows, Self.labels) {
      let ids = row.p.indices.filter { !isHead || row.head.contains($0) }
      let peak = row.p.indices.max { row.p[$0] < row.p[$1] } ?? 0
      targets.append(
        ids: ids.map { Int32($0) }, values: ids.map { Float(row.p[$0]) }, argmax: Int32(peak),
        nextLogProbability: Float(log(row.p[Int(label)])),
        entropy: Float(row.p.reduce(0) { $0 - $1 * log($1) }))
    }
    return targets
  }

  private func found(_ targets: SparseTargets, _ objective: Objective) -> LossResult {
    let ones = [Float](repeating: 1, count: 3)
    return LossResult(
      hidden: Self.hidden, output: Self.output, width: 4,
      LossTargets(
        labels: Self.labels, signal: TeacherSignal([.sparse(targets)]), soft: ones,
        hard: [0, 0, 0], objective: objective), normalizer: 1)
  }

  private func logits(_ n: Int, _ hidden: [Double]) -> [Double] {
    (0..<9).map { v in
      (0..<4).reduce(0) { $0 + hidden[n * 4 + $1] * Double(Self.output[v * 4 + $1]) }
    }
  }

  private func reference(
    _ objective: Objective, _ n: Int, isHead: Bool
  ) -> ObjectiveReference {
    var reference = ObjectiveReference(
      objective: objective, temperature: 1, soft: 1, hard: 0, label: Int(Self.labels[n]),
      teacher: Self.rows[n].p, labelLogProbability: log(Self.rows[n].p[Int(Self.labels[n])]))
    if isHead { reference.head = Self.rows[n].head }
    return reference
  }

  private func expect(
    _ found: LossResult, is objective: Objective, isHead: Bool
  ) {
    let hidden = Self.hidden.map(Double.init)
    var (loss, slopes): (Double, [Float]) = (0, [])
    for n in 0..<3 {
      let reference = reference(objective, n, isHead: isHead)
      let frozen = reference.frozen(logits(n, hidden))
      loss += reference.value(logits(n, hidden), frozen)
      for d in 0..<4 {
        var (above, below) = (hidden, hidden)
        (above[n * 4 + d], below[n * 4 + d]) = (above[n * 4 + d] + 1e-5, below[n * 4 + d] - 1e-5)
        let rise =
          reference.value(logits(n, above), frozen) - reference.value(logits(n, below), frozen)
        slopes.append(Float(rise / 2e-5))
      }
    }
    #expect(abs(Double(found.loss) - loss) < 2e-5, "\(objective)")
    expectClose(found.hidden, slopes, within: 2e-5)
  }

  @Test(arguments: ObjectiveReference.divergences.dropFirst())
  func classesAreTheHeadAndTheRest(divergence: Divergence) {
    let objective = Objective(divergence: divergence, classes: .head(above: 0.15, resolution: 0.01))
    let found = found(targets(true), objective)
    expect(found, is: objective, isHead: true)
    let whole = (0..<3).reduce(0.0) { sum, n in
      let logits = logits(n, Self.hidden.map(Double.init))
      let reference = reference(objective, n, isHead: false)
      return sum + reference.value(logits, reference.frozen(logits))
    }
    guard divergence.fallsWithMergedClasses else { return }
    #expect(Double(found.loss) < whole)
  }

  /// A sampled entry that happens to be there is no class of its own.
  @Test func entriesAtTheThresholdAreNotExact() {
    let objective = Objective(divergence: .reverseKL, classes: .head(above: 0.15, resolution: 0.01))
    var drawn = SparseTargets()
    for (row, targets) in zip(0..<3, repeatElement(targets(true), count: 3)) {
      let (ids, values) = targets.entries(of: row).reduce(into: ([Int32](), [Float]())) {
        $0.0.append(targets.ids[$1])
        $0.1.append(targets.values[$1])
      }
      drawn.append(
        ids: ids + [8], values: values + [0.15], argmax: targets.argmax[row],
        nextLogProbability: targets.nextLogProbability[row], entropy: targets.entropy[row])
    }
    #expect(found(drawn, objective) == found(targets(true), objective))
  }

  /// A sure teacher's peak is mostly stored as a whole 1: the rest is then half a step of the grid.
  @Test func aPeakRoundedToOneLeavesHalfAStep() throws {
    var targets = SparseTargets()
    targets.append(
      ids: [2], values: [1], argmax: 2, nextLogProbability: 0, entropy: 0)
    let logits = logits(0, Self.hidden.map(Double.init))
    let found = LossResult(
      hidden: Array(Self.hidden[..<4]), output: Self.output, width: 4,
      LossTargets(
        labels: [2], signal: TeacherSignal([.sparse(targets)]), soft: [1], hard: [0],
        objective: Objective(
          divergence: .reverseKL, classes: .head(above: 0.05, resolution: 0.0125))),
      normalizer: 1)
    let (p, q) = (1 / 1.00625, softmax(logits)[2])
    let expected = q * log(q / p) + (1 - q) * log((1 - q) / (1 - p))
    #expect(abs(Double(found.loss) - expected) < 1e-5)
  }

  @Test(arguments: [0.0, 0.2, 0.7])
  func aCorrectedSparseTargetIsTheCorrectedDistribution(margin: Double) {
    let objective = Objective(target: .corrected(margin: margin))
    expect(found(targets(false), objective), is: objective, isHead: false)
  }

  /// Afterwards the label leads every other token by the margin, where the teacher was wrong.
  @Test func theCorrectedLabelLeadsByTheMargin() {
    let reference = reference(Objective(target: .corrected(margin: 0.2)), 0, isHead: false)
    let target = reference.frozen([Double](repeating: 0, count: 9)).target
    #expect(abs(target[3] - target[0] - 0.2) < 1e-12)
    #expect(abs(target.reduce(0, +) - 1) < 1e-12)
  }
}
