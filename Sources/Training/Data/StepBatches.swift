import Capture

/// The sequences of each step, read on another thread while the step before computes.
///
/// A function of the step's number alone: reading ahead changes when a sequence is read, never
/// which.
struct StepBatches {
  /// The steps whose sequences wait at most.
  static let depth = 2

  private let ahead: ReadAhead<[[TrainingSample]]>
  private let order: DataOrder
  private let sequencesPerStep: Int

  /// The batches of some steps of a run.
  init(_ steps: Range<Int>, of data: TrainingData, order: DataOrder, _ config: TrainingConfig) {
    let (size, count) = (config.batchSize, config.gradientAccumulationSteps)
    self.order = order
    sequencesPerStep = size * count
    ahead = ReadAhead(steps, depth: Self.depth) { step in
      try (0..<count).map { batch in
        try (0..<size).map {
          let visit = order.visit((step * count + batch) * size + $0)
          return try data.sample(visit.sequence, epoch: visit.epoch)
        }
      }
    }
  }

  /// The numbers in the data of a step's sequences, in ascending order.
  func sequences(of step: Int) -> [Int] {
    let visits = (step * sequencesPerStep)..<((step + 1) * sequencesPerStep)
    return Set(visits.map { order.visit($0).sequence }).sorted()
  }

  /// The micro-batches of the next step.
  ///
  /// - Throws: `ShardError` where the cache is damaged.
  func next() throws -> [[TrainingSample]] { try ahead.next() }
}

extension StepBatches {
  /// The least bytes of the sequences of the steps in memory: tokens, and what a sample is kept in.
  static func bytes(_ training: TrainingConfig, sequenceLength: Int) -> Int {
    (depth + 1) * training.batchSize * training.gradientAccumulationSteps
      * (4 * sequenceLength + MemoryLayout<TrainingSample>.stride)
  }
}
