// The whole of distillation in one page: a cache of a teacher's targets, a student made of every
// second layer of that teacher, and the loop. What `codistill distill` adds is that it checks its
// inputs, resumes, logs, evaluates on other texts, and knows more losses.
//
//     swift run -c release loop CACHE TEACHER OUTPUT [STEPS]

import Capture
import Foundation
import Losses
import Models
import Shards
import Tensors
import Text
import Training

/// The last sequences of the cache, which the student is tested on and never sees.
let heldOut = 4
/// The sequences of a step.
let batch = 4
/// The weight of the teacher's term; the label's has the rest.
let softWeight: Float = 0.9

@main
struct Loop {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard (4...5).contains(arguments.count),
      let steps = arguments.count > 4 ? Int(arguments[4]) : 60, steps > 0
    else {
      FileHandle.standardError.write(Data("usage: loop CACHE TEACHER OUTPUT [STEPS]\n".utf8))
      exit(64)
    }
    do {
      try train(cache: arguments[1], teacher: arguments[2], output: arguments[3], steps: steps)
    } catch {
      FileHandle.standardError.write(Data("loop: \(error)\n".utf8))
      exit(65)
    }
  }

  static func train(cache: String, teacher path: String, output: String, steps: Int) throws {
    let reader = try CacheReader(directory: URL(filePath: cache))
    let temperature = Float(reader.manifest.capture.codec.temperature)
    let data = TrainingData.cached(reader)
    guard data.count > heldOut else {
      throw ExitMessage("\(cache) has \(data.count) sequences, of which \(heldOut) are held out")
    }

    // The student: every second layer of the teacher, with its embeddings.
    let teacher = try Checkpoint.open(path)
    let layers = Array(stride(from: 0, to: teacher.config.numHiddenLayers, by: 2))
    let config = teacher.config.taking(layers: layers)
    let student = Decoder(config, trainable: true)
    try StudentInitialization(from: teacher, layers: layers, student: config).fill(student, seed: 1)
    let optimizer = AdamW(count: student.parameters.count, AdamW.Settings())
    print("\(student.parameters.count) parameters, \(layers.count) layers")

    let order = DataOrder(count: data.count - heldOut, seed: 1)
    let rate = LearningRateSchedule(
      kind: .cosine, peak: 1e-3, totalSteps: steps, warmupSteps: steps / 10)
    let test = try (data.count - heldOut..<data.count).map { try data.sample($0) }
    report(0, "held out", student, test, temperature)
    for step in 0..<steps {
      let samples = try (0..<batch).map { place in
        let visit = order.visit(step * batch + place)
        return try data.sample(visit.sequence, epoch: visit.epoch)
      }
      // Forward, both terms of the loss from the same logits, backward, update.
      let (loss, sums) = loss(student, samples, temperature)
      loss.backward()
      let norm = optimizer.update(student.parameters, learningRate: Float(rate.rate(step: step)))
      print(
        "step \(step + 1): loss \(loss.item), KL \(sums.soft / Double(sums.count)), "
          + "gradient norm \(norm)")
    }
    report(steps, "held out", student, test, temperature)
    let tokenizer = try teacher.tokenizer().map { try SavedTokenizer($0) }
    try student.save(to: output, tokenizer: tokenizer)
    print("saved to \(output)")
  }

  /// `softWeight` T² KL(teacher ‖ student) + the rest of cross entropy, a prediction.
  static func loss(
    _ student: Models.Decoder, _ samples: [TrainingSample], _ temperature: Float
  ) -> (loss: Tensor, sums: LossSums) {
    let sequences = samples.map(\.sequence)
    let labels = sequences.flatMap(\.labels)
    // Predictions that a mask leaves out, such as prompts, have no weight.
    let counts: [Float] = sequences.flatMap { sequence in
      sequence.lossMask?.map { $0 ? 1 : 0 } ?? sequence.labels.map { _ in 1 }
    }
    let targets = LossTargets(
      labels: labels, signal: TeacherSignal(samples.compactMap(\.targets)),
      soft: counts.map { softWeight * $0 }, hard: counts.map { (1 - softWeight) * $0 },
      temperature: temperature)
    return distillationLoss(
      hidden: student(TokenBatch(sequences)), output: student.output, targets,
      normalizer: max(1, counts.reduce(0, +)))
  }

  static func report(
    _ step: Int, _ name: String, _ student: Models.Decoder, _ samples: [TrainingSample],
    _ temperature: Float
  ) {
    let (_, sums) = loss(student, samples, temperature)
    let count = Double(sums.count)
    print("\(name) after \(step) steps: NLL \(sums.hard / count), KL \(sums.soft / count) nats")
  }
}

/// An error that is one line.
struct ExitMessage: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
