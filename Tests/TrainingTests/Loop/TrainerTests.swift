@testable import Capture
import Foundation
@testable import Losses
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

@Suite struct TrainerTests {
  private func trainer(
    _ config: DecoderConfig = Tiny.mixture(), maxGradientNorm: Float = 1
  ) -> Trainer {
    let student = Tiny.student(config)
    let settings = AdamW.Settings(weightDecay: 0, maxGradientNorm: maxGradientNorm)
    return Trainer(
      student: student, optimizer: AdamW(count: student.parameters.count, settings))
  }

  /// Sequences with a tiny teacher's targets.
  private func samples(_ count: Int, codec: CacheCodec = .sparse) throws -> [TrainingSample] {
    let runner = TeacherRunner(teacher: try Tiny.decoder("llama_tied"), codec: codec, seed: 1)
    return try Tiny.sequences(count).enumerated().map { index, sequence in
      let targets = try runner.targets(sequence, identity: UInt64(index))
      return TrainingSample(sequence: sequence, targets: targets)
    }
  }

  @Test func aTinyBatchIsLearntByHeart() throws {
    let trainer = trainer()
    let samples = Tiny.sequences(2).map { TrainingSample(sequence: $0) }
    var losses: [Double] = []
    for _ in 0..<120 {
      let settings = StepSettings(learningRate: 0.02, softWeight: 0, routerBalance: 0.01)
      let report = try trainer.step([samples], settings)
      losses.append(report.sums.hard / Double(report.sums.count))
      #expect(try #require(report.expertMaxLoad) >= 1)
    }
    #expect(abs(losses[0] - log(120)) < 1.5)
    #expect(losses[119] < 0.05, "\(losses[0]) → \(losses[119])")
  }

  @Test func aStudentComesCloserToItsTeacher() throws {
    let trainer = trainer()
    let samples = try samples(2, codec: .whole)
    var divergences: [Double] = []
    for _ in 0..<120 {
      let settings = StepSettings(learningRate: 0.02, softWeight: 1)
      let report = try trainer.step([samples], settings)
      divergences.append(report.sums.soft / Double(report.sums.count))
    }
    #expect(divergences[119] < 0.1 * divergences[0], "\(divergences[0]) → \(divergences[119])")
  }

  static let objectives =
    AppliedWeightsTests.rules.map { Objective(rule: $0) }
    + ObjectiveReference.divergences.dropFirst().map { Objective(divergence: $0) }
    + ObjectiveReference.targets.map { Objective(target: $0) }

  @Test(arguments: objectives)
  func theSplitChangesNoObjective(objective: Objective) throws {
    try expectSplitsAlike(try samples(4, codec: .whole), softWeight: 0.7, objective)
  }

  @Test(arguments: [Float(0), 0.9])
  func theSplitIntoMicroBatchesChangesNothing(softWeight: Float) throws {
    try expectSplitsAlike(try samples(4), softWeight: softWeight, Objective())
  }

  /// The gradients themselves are compared: they are the first moment after one step.
  private func expectSplitsAlike(
    _ samples: [TrainingSample], softWeight: Float, _ objective: Objective
  ) throws {
    let counts = samples.map { $0.sequence.lossMask?.count { $0 } ?? 12 }
    #expect(Set(counts).count > 1, "or dividing by each micro-batch's own count would do")
    let splits = [[samples], [Array(samples[..<2]), Array(samples[2...])], samples.map { [$0] }]
    let results = try splits.map { split in
      let trainer = trainer(maxGradientNorm: .infinity)
      let report = try trainer.step(
        split,
        StepSettings(
          learningRate: 1e-3, softWeight: softWeight, objective: objective, routerZ: 0.1))
      return (report, trainer.optimizer.withMoments { first, _ in Array(first) })
    }
    let (whole, gradient) = results[0]
    for (report, other) in results.dropFirst() {
      #expect(report.sums.count == whole.sums.count)
      #expect(abs(report.loss - whole.loss) < 1e-5 * whole.loss)
      #expect(abs(report.sums.soft - whole.sums.soft) < 1e-4 * max(1, whole.sums.soft))
      #expect(abs(report.routerLoss - whole.routerLoss) < 1e-5)
      #expect(abs(report.gradientNorm - whole.gradientNorm) < 1e-5 * whole.gradientNorm)
      expectClose(other, gradient, relative: 1e-5)
    }
  }

  /// Masked tokens pass through the routers like any other.
  @Test func theMaskDoesNotWeighTheRoutersLosses() throws {
    func routerLoss(masked: Bool) throws -> Double {
      var sequence = Tiny.sequences(1)[0]
      if masked { sequence.lossMask = (0..<12).map { $0 > 8 } }
      let settings = StepSettings(
        learningRate: 1e-3, softWeight: 0, routerBalance: 0.3, routerZ: 0.2)
      return try trainer().step([[TrainingSample(sequence: sequence)]], settings).routerLoss
    }
    #expect(try routerLoss(masked: true) == routerLoss(masked: false))
  }

  @Test func aLossThatIsNoNumberStopsTraining() throws {
    let trainer = trainer()
    let samples = Tiny.sequences(2).map { TrainingSample(sequence: $0) }
    let settings = StepSettings(learningRate: 1e30, softWeight: 0)
    #expect {
      for _ in 0..<10 { _ = try trainer.step([samples], settings) }
    } throws: { error in
      guard case .diverged = error as? TrainingError else { return false }
      return "\(error)".contains("learning_rate")
    }
  }

  @Test func aDivergedStepLeavesWeightsMomentsAndGradientsAlone() throws {
    let trainer = trainer()
    let store = trainer.student.parameters
    store.withValues { $0[3] = .infinity }
    let before = store.withValues { $0.map(\.bitPattern) }
    let sequence = PackedSequence(tokens: [0, 1, 2], fragments: [3])
    #expect(throws: TrainingError.self) {
      try trainer.step(
        [[TrainingSample(sequence: sequence)]], StepSettings(learningRate: 1, softWeight: 0))
    }
    let isSame = store.withValues { $0.map(\.bitPattern).elementsEqual(before) }
    #expect(isSame)
    #expect(store.withGradients { $0.allSatisfy { $0 == 0 } } == true)
    #expect(trainer.optimizer.step == 0)
  }

  @Test(
    "case masked-step: a step in which nothing counts updates nothing, for masks or for weights of 0",
    arguments: [true, false])
  func aStepWithoutAnythingThatCountsIsSkipped(masked: Bool) throws {
    var sequence = Tiny.sequences(1)[0]
    if masked { sequence.lossMask = Array(repeating: false, count: 12) }
    let trainer = trainer()
    _ = try trainer.step(
      [[TrainingSample(sequence: Tiny.sequences(2)[1])]],
      StepSettings(learningRate: 0.1, softWeight: 0))
    let before = trainer.student.parameters.withValues { $0.map(\.bitPattern) }
    let report = try trainer.step(
      [[TrainingSample(sequence: sequence, targets: masked ? nil : try samples(1)[0].targets)]],
      StepSettings(learningRate: 1, softWeight: 0, hardWeight: masked ? 1 : 0, routerBalance: 0.1))
    #expect(report.isSkipped)
    #expect(trainer.optimizer.step == 1)
    let isSame = trainer.student.parameters.withValues {
      $0.map(\.bitPattern).elementsEqual(before)
    }
    #expect(isSame)
    #expect(trainer.student.parameters.withGradients { $0.allSatisfy { $0 == 0 } } == true)
  }
}
