import Capture
import Foundation
import Losses
import Models
import Shards
import Tensors
import Text
import Training

/// A student, its optimizer and the cache that it learns from.
final class TrainingWork {
  private let trainer: Trainer
  private let data: TrainingData
  private let batch: Int
  private var next = 0
  // Half cross entropy, half divergence, as the peer has it.
  private let settings = StepSettings(learningRate: 1e-4, softWeight: 0.5)

  /// A student, drawn anew, over a cache; a step takes `batch` sequences.
  init(_ student: Models.Decoder, cache: URL, batch: Int) throws {
    student.parameters.initialize(seed: 1)
    let optimizer = AdamW(
      count: student.parameters.count, AdamW.Settings(beta2: 0.999, weightDecay: 0.01))
    trainer = Trainer(student: student, optimizer: optimizer)
    data = .cached(try CacheReader(directory: cache))
    self.batch = batch
  }

  /// One step as a training run makes it: read, decode, learn.
  func step() throws -> Measurement {
    var samples: [TrainingSample] = []
    let time = try seconds {
      samples = try read()
      _ = try trainer.step([samples], settings)
    }
    return measurement(samples, seconds: time)
  }

  /// The same step with the optimizer timed apart, from the same public parts.
  func splitStep() throws -> Measurement {
    var samples: [TrainingSample] = []
    let gradients = try seconds {
      samples = try read()
      accumulateGradients(samples)
    }
    let update = seconds {
      _ = trainer.optimizer.update(
        trainer.student.parameters, learningRate: settings.learningRate)
    }
    var result = measurement(samples, seconds: gradients + update)
    (result.forwardBackwardSeconds, result.updateSeconds) = (gradients, update)
    return result
  }

  private func read() throws -> [TrainingSample] {
    let first = next
    next += batch
    return try (first..<next).map { try data.sample($0 % data.count) }
  }

  private func accumulateGradients(_ samples: [TrainingSample]) {
    let sequences = samples.map(\.sequence)
    let labels = sequences.flatMap(\.labels)
    let weights = [Float](repeating: settings.softWeight, count: labels.count)
    let targets = LossTargets(
      labels: labels, signal: TeacherSignal(samples.compactMap(\.targets)), soft: weights,
      hard: weights)
    let hidden = trainer.student(TokenBatch(sequences))
    distillationLoss(
      hidden: hidden, output: trainer.student.output, targets, normalizer: Float(labels.count)
    ).loss.backward()
  }

  private func measurement(_ samples: [TrainingSample], seconds: Double) -> Measurement {
    let sequences = samples.map(\.sequence)
    return Measurement(
      seconds: seconds, tokens: sequences.reduce(0) { $0 + $1.predictionCount },
      flops: OperationCount(trainer.student.config, sequences).training)
  }
}
