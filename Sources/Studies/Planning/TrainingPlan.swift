import Base
import Capture
import Losses
package import Models
import Shards
import Tensors
import Text
package import Training

/// The resources that a training run will take.
package struct TrainingPlan: Sendable {
  /// The source of a speed.
  package enum Source: String, Sendable, Codable {
    /// From steps of the run itself, on random tokens.
    case measured
    /// From the speed of large matrix products alone: the run will be slower.
    case upperBound = "upper_bound"
  }

  /// The tokens of an optimizer step.
  package var tokensPerStep: Int
  /// The optimizer steps; nil of `training.epochs` before `count(_:sequences:)`.
  package private(set) var steps: Int?
  /// The tokens a second.
  package var tokensPerSecond: Double
  /// The source of that speed.
  package var source: Source
  /// The bytes of weights, gradients, moments and activations; with the whole process, where steps
  /// were made.
  package var peakBytes: Int
  /// The bytes of weights, gradients, moments and activations alone.
  package var neededBytes: Int

  /// The tokens of the run, where its steps are known.
  package var tokens: Int? { steps.map { $0 * tokensPerStep } }
  /// Its seconds, where its steps are known.
  package var seconds: Double? { tokens.map { Double($0) / tokensPerSecond } }

  /// Counts the steps of a run's `training.epochs`, if it has any.
  ///
  /// - Parameters:
  ///   - run: The run's config.
  ///   - sequences: The sequences of a cache that is only planned; nil opens what the config names.
  /// - Throws: `ConfigError` where they make no run, and the errors of the run's inputs.
  package mutating func count(_ run: RunConfig, sequences: Int?) throws {
    guard run.training.epochs != nil else { return }
    let count = try sequences ?? RunInputs(run).trainingData().data.count
    steps = try run.training.counted(sequences: count).steps
  }
}

extension TrainingPlan {
  /// The operations a second that a thread is expected to reach at least.
  private static let modestSpeed = 30e9
  /// The longest that a step may take at that speed to be made.
  private static let longestStep = 12.0

  /// The plan of a run.
  ///
  /// Steps are made on random tokens where the model fits into the memory and a step takes seconds;
  /// otherwise the speed of matrix products tells the least time.
  ///
  /// - Parameters:
  ///   - config: The student's shape.
  ///   - run: The config that it is trained by.
  ///   - sequenceLength: The predictions of a sequence.
  ///   - memory: The bytes that this process may use.
  /// - Returns: The plan.
  /// - Throws: `TrainingError`.
  package static func make(
    _ config: DecoderConfig, _ run: RunConfig, sequenceLength: Int, memory: Int
  ) throws -> TrainingPlan {
    let training = run.training
    let batch = training.batchSize * sequenceLength
    let teacher = run.liveTeacherShape
    let bytes = MemoryNeed.training(
      config, teacher: teacher, sequenceLength: sequenceLength, training)
    let precision = training.bf16 && Precision.bfloat16.isSupported ? Precision.bfloat16 : .float32
    var plan = TrainingPlan(
      tokensPerStep: batch * training.gradientAccumulationSteps,
      steps: training.epochs == nil ? training.steps : nil,
      tokensPerSecond: 1, source: .upperBound, peakBytes: bytes,
      neededBytes: bytes)
    let asked = teacher.map { OperationCounts($0, context: sequenceLength).forward } ?? 0
    let operations = OperationCounts(config, context: sequenceLength).training + asked
    let modest = operations * Double(batch) / modestSpeed / Double(Parallel.threadCount)
    guard bytes < memory / 10 * 9, modest < longestStep else {
      plan.tokensPerSecond = MachineSpeed.operations(precision) / operations
      return plan
    }
    let trial = TrialSteps(
      config, run, teacher: teacher, sequenceLength: sequenceLength, precision)
    plan.tokensPerSecond = try trial.tokensPerSecond()
    plan.source = .measured
    plan.peakBytes = max(bytes, ProcessMemory.peakBytes)
    return plan
  }
}

extension RunConfig {
  /// The shape of the live teacher, if there is one; a plan does not need it to be there.
  fileprivate var liveTeacherShape: DecoderConfig? {
    teacher.flatMap { try? Checkpoint.open(RunDirectory.modelPath($0)).config }
  }
}

extension TrainingPlan: Encodable {
  /// Encodes the plan; its time is in hours.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "tokensPerStep": tokensPerStep, "steps": steps, "tokens": tokens,
      "tokensPerSecond": tokensPerSecond, "source": source, "hours": seconds.map { $0 / 3600 },
      "peakRssBytes": peakBytes,
    ])
  }
}

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

/// The speed at which this machine multiplies large matrices.
enum MachineSpeed {
  /// The operations a second of all threads, measured for a third of a second.
  static func operations(_ precision: Precision) -> Double {
    let size = 1024
    let (x, w) = (Tensor.ones([size, size]), Tensor.ones([size, size]))
    _ = linear(x, w, precision: precision)
    let began = ContinuousClock.now
    var (count, seconds) = (0, 0.0)
    while seconds < 0.3 {
      _ = linear(x, w, precision: precision)
      count += 1
      seconds = (ContinuousClock.now - began) / .seconds(1)
    }
    return 2 * Double(count) * Double(size * size * size) / seconds
  }
}

extension Tensor {
  fileprivate static func ones(_ shape: [Int]) -> Tensor {
    Tensor(shape, [Float](repeating: 1, count: shape.reduce(1, *)))
  }
}
