@testable import Capture
import Foundation
@testable import Losses
import Models
import Tensors
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

/// Ten updates of a Llama 4 student, beside what PyTorch made of the same ones
/// (`Tests/Fixtures/golden/make_golden.py`): soft targets at T = 2, hard targets, both losses of the
/// routers, a mask, clipping, weight decay and a learning rate that warms up and falls.
@Suite struct TrainingCurveTests {
  private static let softWeight: Float = 0.7
  private static let temperature: Float = 2

  private let expected: SafetensorsFile
  private let samples: [TrainingSample]
  private let trainer: Trainer

  init() throws {
    expected = try SafetensorsFile(
      path: Fixtures.url("golden/training_curve/expected.safetensors").path)
    samples = try zip(Self.rows("input_ids", of: expected), Self.rows("loss_mask", of: expected))
      .map { tokens, mask in
        let sequence = PackedSequence(
          tokens: tokens, fragments: [tokens.count], lossMask: mask.map { $0 != 0 })
        return TrainingSample(sequence: sequence, isLive: true)
      }
    let student = try Tiny.decoder("text_top2_tied", trainable: true)
    let optimizer = AdamW(
      count: student.parameters.count, AdamW.Settings(weightDecay: 0.1, maxGradientNorm: 1))
    trainer = Trainer(student: student, optimizer: optimizer)
    trainer.teacher = LiveTeacher(
      try Tiny.decoder("scout_like"), temperature: Self.temperature)
  }

  @Test func tenLossesAndTheLastGradientsAreThoseOfPyTorch() throws {
    let curves = try ["loss", "soft", "hard", "router", "gradient_norm"].map(expected.floats)
    for (step, learningRate) in try expected.floats("learning_rates").enumerated() {
      let report = try trainer.step([samples], settings(learningRate))
      let count = Double(report.sums.count)
      let found = [
        report.loss, report.sums.soft / count, report.sums.hard / count, report.routerLoss,
        report.gradientNorm,
      ]
      for (value, curve) in zip(found, curves) {
        expectClose([Float(value)], [curve[step]], relative: 5e-5, "step \(step + 1)")
      }
    }
    try expectTheLastGradients()
  }

  /// The gradients at the final weights, as the first moment of a fresh optimizer that clips nothing.
  private func expectTheLastGradients() throws {
    let store = trainer.student.parameters
    let settings = AdamW.Settings(beta1: 0, weightDecay: 0, maxGradientNorm: .infinity)
    let probe = Trainer(
      student: trainer.student, optimizer: AdamW(count: store.count, settings))
    probe.teacher = trainer.teacher
    _ = try probe.step([samples], self.settings(0))
    let gradients = probe.optimizer.withMoments { first, _ in Array(first) }
    #expect(store.parameters.count == expected.names.count { $0.hasPrefix("grad.") })
    for parameter in store.parameters {
      expectClose(
        Array(gradients[parameter.range]), try expected.floats("grad." + parameter.name),
        relative: 2e-3, parameter.name)
    }
  }

  private func settings(_ learningRate: Float) -> StepSettings {
    StepSettings(
      learningRate: learningRate, softWeight: Self.softWeight, temperature: Self.temperature,
      routerBalance: 0.01, routerZ: 0.001)
  }

  private static func rows(_ name: String, of file: SafetensorsFile) throws -> [[Int32]] {
    let values = try file.int64s(name).map { Int32($0) }
    let width = file.entry(name)?.shape.last ?? 1
    return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<($0 + width)]) }
  }
}
