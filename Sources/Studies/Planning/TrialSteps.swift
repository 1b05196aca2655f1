import Base
import Capture
import Losses
import Models
import Shards
import Tensors
import Text
import Training

/// Steps on random tokens, to see how long they take.
struct TrialSteps {
  private let trainer: Trainer
  private let samples: [TrainingSample]
  private let settings: StepSettings

  /// Trial steps of a student and, if there is one, a live teacher of a shape, of the same
  /// vocabulary.
  init(
    _ config: DecoderConfig, _ run: RunConfig, teacher: DecoderConfig?, sequenceLength: Int,
    _ precision: Precision
  ) {
    var student = Decoder(config, trainable: true)
    student.precision = precision
    student.parameters.initialize(seed: 0)
    trainer = Trainer(
      student: student, optimizer: AdamW(count: student.parameters.count, AdamW.Settings()))
    let isDistillation = run.loss.soft != nil
    let asked = teacher.flatMap { $0.vocabSize == config.vocabSize ? $0 : nil }
    trainer.teacher = asked.map { Self.teacher($0, precision) }
    let isLive = asked != nil && run.cache == nil
    samples = (0..<run.training.batchSize).map { number in
      let tokens = Self.tokens(sequenceLength + 1, vocabulary: config.vocabSize, seed: number)
      return TrainingSample(
        sequence: PackedSequence(tokens: tokens, fragments: [tokens.count]),
        targets: isDistillation && !isLive ? .sparse(Self.targets(tokens)) : nil, isLive: isLive)
    }
    settings = StepSettings(
      learningRate: 1e-6, softWeight: isDistillation ? 0.9 : 0,
      routerBalance: Float(run.loss.routerAuxLossCoef), routerZ: Float(run.loss.routerZLossCoef))
  }

  /// A teacher with random weights, which are as quick as any.
  private static func teacher(_ config: DecoderConfig, _ precision: Precision) -> LiveTeacher {
    var teacher = Decoder(config, trainable: false)
    teacher.parameters.initialize(seed: 1)
    teacher.precision = precision
    return LiveTeacher(teacher)
  }

  private static func tokens(_ count: Int, vocabulary: Int, seed: Int) -> [Int32] {
    var generator = SplitMix64(seed: UInt64(seed), name: "plan")
    return (0..<count).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &generator) }
  }

  /// Targets of one entry; reading a few more costs a step nothing that shows.
  private static func targets(_ tokens: [Int32]) -> SparseTargets {
    var targets = SparseTargets()
    for token in tokens.dropFirst() {
      targets.append(
        ids: [token], values: [1], argmax: token, nextLogProbability: 0, entropy: 0)
    }
    return targets
  }

  /// The speed after a first step, which sets up the buffers.
  func tokensPerSecond() throws -> Double {
    _ = try trainer.step([samples], settings)
    let began = ContinuousClock.now
    var (steps, seconds) = (0, 0.0)
    while steps < 2 || (seconds < 2 && steps < 20) {
      _ = try trainer.step([samples], settings)
      steps += 1
      seconds = (ContinuousClock.now - began) / .seconds(1)
    }
    return Double(steps * samples.reduce(0) { $0 + $1.sequence.predictionCount }) / seconds
  }
}
