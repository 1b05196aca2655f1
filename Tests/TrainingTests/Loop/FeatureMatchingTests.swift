@testable import Base
@testable import Capture
@testable import Losses
import Models
import Tensors
import TestRuns
import TestSupport
import Testing
@testable import Training

/// Steps with distances between hidden states of a student and a live teacher.
@Suite struct FeatureMatchingTests {
  private static let place = ConfigPlace.file("run.yaml", line: 3, column: 1)

  private func config(
    _ kind: FeatureConfig.Kind = .mse, student: FeatureConfig.Layer = .after(1),
    teacher: FeatureConfig.Layer = .final, projection: FeatureConfig.Projection? = nil
  ) -> FeatureConfig {
    FeatureConfig(
      kind: kind, weight: 0.5, studentLayer: student, teacherLayer: teacher,
      projection: projection, place: Self.place)
  }

  private let settings = AdamW.Settings(weightDecay: 0)

  /// A trainer of a student of 16 features under a teacher of another width, or of the same shape.
  private func trainer(
    _ features: [FeatureConfig], teacher: Models.Decoder? = nil, maxGradientNorm: Float = 1
  ) throws -> Trainer {
    let student = Tiny.student()
    let teacher = try teacher ?? Tiny.decoder("llama_tied")
    let settings = AdamW.Settings(weightDecay: 0, maxGradientNorm: maxGradientNorm)
    let trainer = Trainer(
      student: student, optimizer: AdamW(count: student.parameters.count, settings))
    trainer.teacher = LiveTeacher(teacher)
    trainer.features = try FeatureMatching(
      features, student: student.config, teacher: teacher.config, settings, seed: 5)
    return trainer
  }

  private let samples = Tiny.sequences(4).map { TrainingSample(sequence: $0, isLive: true) }

  @Test func theStudentsFeaturesComeCloser() throws {
    let trainer = try trainer([config(), config(.cosine, student: .final, teacher: .after(1))])
    var losses: [Double] = []
    for _ in 0..<60 {
      let report = try trainer.step([samples], StepSettings(learningRate: 0.02, softWeight: 0))
      losses.append(try #require(report.featureLoss))
      #expect(report.loss >= losses.last ?? 0)
    }
    #expect(losses[59] < 0.5 * losses[0], "\(losses[0]) → \(losses[59])")
  }

  /// The gradient of a step does not depend on its split into micro-batches.
  @Test func theSplitOfAStepChangesNothing() throws {
    let gradients = try [1, 2, 4].map { parts in
      let trainer = try trainer([config(), config(.cosine, student: .final)])
      let size = samples.count / parts
      let batches = (0..<parts).map { Array(samples[($0 * size)..<(($0 + 1) * size)]) }
      let report = try trainer.step(batches, StepSettings(learningRate: 0, softWeight: 0.5))
      let moments = trainer.optimizer.withMoments { first, _ in Array(first) }
      return (report.featureLoss ?? 0, moments)
    }
    for (loss, moments) in gradients.dropFirst() {
      #expect(abs(loss - gradients[0].0) < 1e-6)
      let largest = gradients[0].1.map(abs).max() ?? 0
      let worst = zip(moments, gradients[0].1).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < 1e-5 * largest, "\(worst) of \(largest)")
    }
  }

  /// Hidden states of the same model after the same layers are the same.
  @Test(arguments: [FeatureConfig.Layer.after(0), .after(1), .after(2), .final])
  func aStudentThatIsItsTeacherPaysNothing(layer: FeatureConfig.Layer) throws {
    let student = Tiny.student()
    let twin = Models.Decoder(student.config, trainable: false)
    twin.parameters.withValues { target in
      student.parameters.withValues { source in _ = target.update(from: source) }
    }
    let trainer = try trainer([config(student: layer, teacher: layer)], teacher: twin)
    let report = try trainer.step([samples], StepSettings(learningRate: 1e-3, softWeight: 1))
    #expect(try #require(report.featureLoss) < 1e-9)
    // The live teacher's distributions, too.
    #expect(abs(report.sums.soft) < 1e-3)
    #expect(report.gradientNorm < 1e-3)
  }

  @Test func layersThatAreNotThereAreRefused() throws {
    let (student, teacher) = (Tiny.mixture(), try Tiny.checkpoint("llama_tied").config)
    let layers = teacher.numHiddenLayers
    let place = "\(Self.place)"
    #expect(throws: FeatureError.layer(place: place, model: "student", layer: 3, count: 2)) {
      _ = try FeatureMatching(
        [config(student: .after(3))], student: student, teacher: teacher, settings, seed: 0)
    }
    let error = FeatureError.layer(
      place: place, model: "teacher", layer: layers + 1, count: layers)
    #expect(throws: error) {
      _ = try FeatureMatching(
        [config(teacher: .after(layers + 1))], student: student, teacher: teacher, settings,
        seed: 0)
    }
    #expect("\(error)".contains("has \(layers) layers"))
    let widths = FeatureError.widths(
      place: place, student: student.hiddenSize, teacher: teacher.hiddenSize)
    #expect(student.hiddenSize != teacher.hiddenSize)
    #expect(throws: widths) {
      _ = try FeatureMatching(
        [config(projection: FeatureConfig.Projection.none)], student: student, teacher: teacher,
        settings, seed: 0)
    }
  }
}
