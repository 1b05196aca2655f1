import Base
import Capture
package import Models
import Tensors
package import Training

/// The resources that a training run will take.
public struct TrainingPlan: Sendable {
  /// The source of a speed.
  public enum Source: String, Sendable, Codable {
    /// From steps of the run itself, on random tokens.
    case measured
    /// From the speed of large matrix products alone: the run will be slower.
    case upperBound = "upper_bound"
  }

  /// The tokens of an optimizer step.
  public var tokensPerStep: Int
  /// The optimizer steps.
  public var steps: Int
  /// The tokens a second.
  public var tokensPerSecond: Double
  /// The source of that speed.
  public var source: Source
  /// The bytes of weights, gradients, moments and activations; with the whole process, where steps
  /// were made.
  public var peakBytes: Int
  /// The bytes of weights, gradients, moments and activations alone.
  public var neededBytes: Int

  /// The tokens of the run.
  public var tokens: Int { steps * tokensPerStep }
  /// Its seconds.
  public var seconds: Double { Double(tokens) / tokensPerSecond }
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
      tokensPerStep: batch * training.gradientAccumulationSteps, steps: training.steps,
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
  public func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "tokensPerStep": tokensPerStep, "steps": steps, "tokens": tokens,
      "tokensPerSecond": tokensPerSecond, "source": source, "hours": seconds / 3600,
      "peakRssBytes": peakBytes,
    ])
  }
}
