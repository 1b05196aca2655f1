package import Base
public import Losses

/// The length and pace of a run. (`training:`, with the names of Hugging Face's trainer.)
public struct TrainingConfig: Sendable, Equatable {
  /// The number of optimizer steps; with `epochs`, no number before the data is counted.
  public var steps: Int
  /// The passes over the data that stand for `steps`; nil where they do not, or once they are counted.
  package private(set) var epochs: TrainingEpochs?
  /// The sequences of a forward pass.
  public var batchSize: Int
  /// The forward passes of an optimizer step.
  public var gradientAccumulationSteps = 1
  /// The learning rate over the steps.
  public var learningRate: LearningRateSchedule
  /// AdamW's decoupled weight decay.
  public var weightDecay = 0.0
  /// The decay of AdamW's first moment.
  public var adamBeta1 = 0.9
  /// The decay of AdamW's second moment.
  public var adamBeta2 = 0.999
  /// AdamW's epsilon.
  public var adamEpsilon = 1e-8
  /// The gradient norm above which gradients are scaled down.
  public var maxGradNorm = 1.0
  /// The seed of the order of the data and of fresh weights.
  public var seed = 0
  /// Whether the operands of matrix products are rounded to bfloat16.
  public var bf16 = false
  /// Whether student and teacher may read more tokens at once than they were made for.
  public var beyondContext = false
  /// The steps between two checkpoints; nil saves at the end only.
  public var saveSteps: Int?
  /// The steps between two lines of metrics.
  public var loggingSteps = 10
  /// The seconds of training after which the run ends early; nil sets no limit.
  public var maxSeconds: Double?

  /// The settings that every run has, and the others at their defaults.
  package init(
    steps: Int, batchSize: Int, learningRate: LearningRateSchedule, saveSteps: Int? = nil
  ) {
    self.steps = steps
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.saveSteps = saveSteps
  }
}

extension TrainingConfig {
  enum Key: String, ConfigKey {
    case steps, epochs
    case batchSize = "batch_size"
    case gradientAccumulationSteps = "gradient_accumulation_steps"
    case learningRate = "learning_rate"
    case schedule = "lr_scheduler_type"
    case warmupSteps = "warmup_steps"
    case decaySteps = "decay_steps"
    case minimumRatio = "min_lr_ratio"
    case weightDecay = "weight_decay"
    case adamBeta1 = "adam_beta1"
    case adamBeta2 = "adam_beta2"
    case adamEpsilon = "adam_epsilon"
    case maxGradNorm = "max_grad_norm"
    case seed, bf16
    case beyondContext = "beyond_context"
    case saveSteps = "save_steps"
    case loggingSteps = "logging_steps"
    case maxSeconds = "max_seconds"
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    epochs = try TrainingEpochs(section)
    steps = epochs == nil ? try section.integer(.steps, .count) : TrainingEpochs.uncountedSteps
    batchSize = try section.integer(.batchSize, .within(1...1_000_000))
    gradientAccumulationSteps =
      try section.optionalInteger(.gradientAccumulationSteps, .within(1...1_000_000)) ?? 1
    learningRate = try LearningRateSchedule(section, steps: steps)
    seed = try section.optionalInteger(.seed, .atLeast(0)) ?? seed
    bf16 = try section.optionalBool(.bf16) ?? bf16
    beyondContext = try section.optionalBool(.beyondContext) ?? beyondContext
    saveSteps = try section.optionalInteger(.saveSteps, .count)
    loggingSteps = try section.optionalInteger(.loggingSteps, .count) ?? loggingSteps
    maxSeconds = try section.optionalNumber(.maxSeconds, .above(0))
    try readOptimizer(section)
    // Of epochs one step at least; how many there are is counted later.
    let length = try section.required(epochs == nil ? .steps : .epochs)
    try checkSequences(steps: epochs == nil ? steps : 1, length.place)
  }

  /// Throws where the run would visit more than 10¹⁰ sequences, too many for counts of tokens.
  private func checkSequences(steps: Int, _ place: ConfigPlace) throws(ConfigError) {
    let most = 10_000_000_000
    guard steps > most / (batchSize * gradientAccumulationSteps) else { return }
    throw .conflict(
      place,
      problem: "steps × batch_size × gradient_accumulation_steps is over \(most) sequences")
  }

  private mutating func readOptimizer(_ section: ConfigSection<Key>) throws(ConfigError) {
    weightDecay =
      try section.optionalNumber(.weightDecay, ValueLimit.atLeast(0).inFloat32) ?? weightDecay
    adamBeta1 =
      try section.optionalNumber(.adamBeta1, ValueLimit.within(0..<1).inFloat32) ?? adamBeta1
    adamBeta2 =
      try section.optionalNumber(.adamBeta2, ValueLimit.within(0..<1).inFloat32) ?? adamBeta2
    adamEpsilon =
      try section.optionalNumber(.adamEpsilon, ValueLimit.above(0).inFloat32) ?? adamEpsilon
    maxGradNorm =
      try section.optionalNumber(.maxGradNorm, ValueLimit.above(0).inFloat32) ?? maxGradNorm
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    [
      .steps: .int(steps), .batchSize: .int(batchSize),
      .gradientAccumulationSteps: .int(gradientAccumulationSteps),
      .learningRate: .double(learningRate.peak), .schedule: .string(learningRate.kind.rawValue),
      .warmupSteps: .int(learningRate.warmupSteps),
      .decaySteps: .optional(learningRate.writtenDecaySteps) { .int($0) },
      .minimumRatio: .double(learningRate.minimumRatio), .weightDecay: .double(weightDecay),
      .adamBeta1: .double(adamBeta1), .adamBeta2: .double(adamBeta2),
      .adamEpsilon: .double(adamEpsilon), .maxGradNorm: .double(maxGradNorm),
      .seed: .int(seed), .bf16: .bool(bf16),
      // Left out where it is the default: runs from before it was there go on.
      .beyondContext: beyondContext ? .bool(true) : .null,
      .saveSteps: .optional(saveSteps) { .int($0) },
      .loggingSteps: .int(loggingSteps),
      .maxSeconds: .optional(maxSeconds) { .double($0) },
    ]
  }
}

extension TrainingConfig {
  /// The config with the steps of its `epochs` over so many sequences, if it has any.
  ///
  /// - Throws: `ConfigError` where these are too many to count, or fewer than the learning rate's warm-up
  ///   and decay take.
  package func counted(sequences: Int) throws(ConfigError) -> TrainingConfig {
    guard let epochs else { return self }
    var counted = self
    counted.epochs = nil
    counted.steps = epochs.steps(
      sequences: sequences, sequencesPerStep: batchSize * gradientAccumulationSteps)
    counted.learningRate.totalSteps = counted.steps
    try counted.checkSequences(steps: counted.steps, epochs.place)
    guard learningRate.warmupSteps + learningRate.decaySteps <= counted.steps else {
      throw .conflict(
        epochs.place,
        problem: "training.epochs comes to \(counted.steps) steps, fewer than warmup_steps + "
          + "decay_steps; raise it, or lower those")
    }
    return counted
  }
}

/// A run's length in passes over its data. (`training.epochs`)
package struct TrainingEpochs: Sendable, Equatable {
  /// The passes, of which the last need not be whole.
  package let passes: Double
  /// The place where they are written.
  let place: ConfigPlace

  /// The most passes.
  private static let most = 1_000_000

  /// The passes of a `training` section, if it says any.
  fileprivate init?(_ section: ConfigSection<TrainingConfig.Key>) throws(ConfigError) {
    guard let node = section[.epochs] else { return nil }
    guard section[.steps] == nil else {
      throw section.conflict(
        .epochs, "give steps or epochs, not both; training.epochs= as an argument removes them")
    }
    passes = try section.number(.epochs, .above(0))
    guard passes <= Double(Self.most) else { throw node.invalid("at most \(Self.most) epochs") }
    place = node.place
  }

  /// The steps of a run until its data is counted, more than any warm-up takes.
  fileprivate static let uncountedSteps = Int.max

  /// The steps that come nearest to the passes, one at least.
  fileprivate func steps(sequences: Int, sequencesPerStep: Int) -> Int {
    max(1, Int((passes * Double(sequences) / Double(sequencesPerStep)).rounded()))
  }
}

extension LearningRateSchedule {
  fileprivate typealias Section = ConfigSection<TrainingConfig.Key>

  fileprivate init(_ section: Section, steps: Int) throws(ConfigError) {
    let kind = try section.optionalChoice(.schedule, of: Kind.self) ?? .constant
    let warmup = try section.optionalInteger(.warmupSteps, .within(0...steps)) ?? 0
    self.init(
      kind: kind, peak: try section.number(.learningRate, ValueLimit.above(0).inFloat32),
      totalSteps: steps,
      warmupSteps: warmup, decaySteps: try Self.decaySteps(section, kind, steps - warmup),
      minimumRatio: try section.optionalNumber(.minimumRatio, .within(0...1)) ?? 0)
  }

  private static func decaySteps(
    _ section: Section, _ kind: Kind, _ available: Int
  ) throws(ConfigError) -> Int {
    guard kind == .warmupStableDecay else {
      guard section[.decaySteps] == nil else {
        throw section.conflict(.decaySteps, "decay_steps belongs to warmup_stable_decay alone")
      }
      return 0
    }
    let steps = try section.integer(.decaySteps, .atLeast(0))
    guard steps <= available else {
      throw section.conflict(.decaySteps, "warmup_steps and decay_steps together exceed steps")
    }
    return steps
  }

  fileprivate var writtenDecaySteps: Int? { kind == .warmupStableDecay ? decaySteps : nil }
}
