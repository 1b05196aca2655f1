@testable import Capture
@testable import Losses
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

/// A teacher that is asked in the step says what a cache of it would.
@Suite struct LiveTeacherTests {
  private func trainer(_ teacher: Models.Decoder, temperature: Float = 1) -> Trainer {
    let student = Tiny.student()
    let trainer = Trainer(
      student: student,
      optimizer: AdamW(count: student.parameters.count, AdamW.Settings(weightDecay: 0)))
    trainer.teacher = LiveTeacher(teacher, temperature: temperature)
    return trainer
  }

  /// Sequences with whole cached distributions where `isStored` says so, live ones elsewhere.
  private func samples(
    _ teacher: Models.Decoder, temperature: Double, isStored: (Int) -> Bool
  ) throws -> [TrainingSample] {
    let runner = TeacherRunner(
      teacher: teacher, codec: .dense(temperature: temperature), seed: 1)
    return try Tiny.sequences(6).enumerated().map { index, sequence in
      guard isStored(index) else { return TrainingSample(sequence: sequence, isLive: true) }
      return TrainingSample(
        sequence: sequence, targets: try runner.targets(sequence, identity: 0))
    }
  }

  /// All cached, all live, and both in one micro-batch, in several orders.
  @Test(arguments: [1.0, 2.0])
  func cachedAndLiveTargetsGiveTheSameLoss(temperature: Double) throws {
    let teacher = try Tiny.decoder("llama_tied")
    let kinds: [(Int) -> Bool] = [{ _ in true }, { _ in false }, { $0 % 2 == 0 }, { $0 > 3 }]
    let found = try kinds.map { isStored in
      let trainer = trainer(teacher, temperature: Float(temperature))
      let samples = try samples(teacher, temperature: temperature, isStored: isStored)
      let settings = StepSettings(
        learningRate: 0, softWeight: 0.8, temperature: Float(temperature))
      let report = try trainer.step([samples], settings)
      return (report, trainer.optimizer.withMoments { first, _ in Array(first) })
    }
    let (cached, gradient) = found[0]
    let largest = gradient.map(abs).max() ?? 0
    for (report, other) in found.dropFirst() {
      #expect(abs(report.loss - cached.loss) < 2e-3 * cached.loss)
      #expect(abs(report.sums.soft - cached.sums.soft) < 5e-3 * cached.sums.soft)
      #expect(report.sums.hard == cached.sums.hard && report.sums.count == cached.sums.count)
      let worst = zip(gradient, other).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < 5e-3 * largest, "\(worst) of \(largest)")
    }
  }

  @Test func theSplitOfAStepChangesNothing() throws {
    let teacher = try Tiny.decoder("llama_tied")
    let samples = try samples(teacher, temperature: 1) { $0 % 3 == 0 }
    let rule = TokenRule.adaptive(alpha: 0.3, easy: 0.5)
    for objective in [Objective(), Objective(rule: rule)] {
      let losses = try [1, 2, 3, 6].map { parts in
        let size = samples.count / parts
        let batches = (0..<parts).map { Array(samples[($0 * size)..<(($0 + 1) * size)]) }
        let settings = StepSettings(learningRate: 0, softWeight: 0.5, objective: objective)
        return try trainer(teacher).step(batches, settings).loss
      }
      for loss in losses { #expect(abs(loss - losses[0]) < 1e-5) }
    }
  }

  @Test func aTeacherWithoutNumbersIsNamed() throws {
    let teacher = try Tiny.decoder("llama_tied")
    teacher.parameters.withValues { $0[3] = .nan }
    let samples = try samples(try Tiny.decoder("llama_tied"), temperature: 1) { _ in false }
    #expect {
      try trainer(teacher).step([samples], StepSettings(learningRate: 0, softWeight: 1))
    } throws: { error in
      guard case .teacherFailed(let reason) = error as? TrainingError else { return false }
      let cause = ShardError.invalidLogits(position: 0)
      return reason == cause.description && "\(error)".hasPrefix("the live teacher failed: ")
    }
  }

  @Test func maturityMovesWeightFromTheTeacherToTheLabel() throws {
    let teacher = try Tiny.decoder("llama_tied")
    var samples = try samples(teacher, temperature: 1) { _ in true }
    for index in samples.indices { samples[index].maturity = index < 3 ? 0.25 : nil }
    let settings = StepSettings(
      learningRate: 0, softWeight: 0.8, maturity: MaturityRule(power: 0.5))
    let report = try trainer(teacher).step([samples], settings)
    let counted = samples.map { $0.sequence.lossMask?.count { $0 } ?? 12 }
    let soft = zip(counted, samples.indices).reduce(0.0) {
      $0 + Double($1.0) * ($1.1 < 3 ? 0.4 : 0.8)
    }
    #expect(abs(report.sums.softWeight - soft) < 1e-4)
    #expect(abs(report.sums.hardWeight - (Double(counted.reduce(0, +)) - soft)) < 1e-4)
  }
}
