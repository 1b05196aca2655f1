import Foundation
import Models
import Shards
import Tensors
import Text

/// Several runs, trained in turn and measured on the same text by the same teacher.
public struct Comparison {
  /// What is being done, for a progress line.
  public enum Stage: Sendable {
    /// Something to know about a run before its first step.
    case note(run: String, String)
    /// A run makes its steps.
    case training(run: String, TrainingRun.Progress)
    /// A student is measured.
    case measuring(run: String)
  }

  /// A run and how it came out.
  public struct Row: Sendable {
    /// The run's name.
    public var name: String
    /// Where its training ended.
    public var state: TrainingState
    /// The seconds that its cache took; they count as the run's.
    public var cachingSeconds: Double
    /// The measurement on held-out text, with the live teacher if there is one.
    public var evaluation: EvaluationReport
    /// How the student continues the prompt.
    public var sample: String?
    /// Whether it saw the first run's sequences in the first run's order, from the same seed.
    public var sharesOrder: Bool
  }

  /// How a comparison ended.
  public enum Outcome: Sendable {
    /// Every run is trained and measured; the teacher's own figures, too, if there is one.
    case finished(rows: [Row], teacher: EvaluationReport?)
    /// Stopped in the middle of a run, which is saved.
    case interrupted
  }

  private let config: ComparisonConfig
  private let version: String
  private let command: [String]

  /// A comparison of the runs that a config lists.
  public init(_ config: ComparisonConfig, version: String, command: [String]) {
    (self.config, self.version, self.command) = (config, version, command)
  }

  /// Trains the runs that are not finished yet, then measures all of them.
  ///
  /// - Throws: the errors of training and of the files.
  public func run(
    isInterrupted: () -> Bool = { false }, progress: (Stage) -> Void = { _ in }
  ) throws -> Outcome {
    var trained: [(run: ComparisonConfig.Run, outcome: TrainingRun.Outcome)] = []
    let orders = try config.runs.map { SequenceOrder(try $0.runConfig()) }
    for run in config.runs {
      let outcome = try train(run, isInterrupted, progress)
      if outcome.isInterrupted { return .interrupted }
      trained.append((run, outcome))
      Pool.trim()
    }
    let teacher = try config.teacher.map { try Checkpoint.open($0) }
    let measure = try Measure(config, teacher, model: trained.first?.outcome.model)
    let rows = try zip(trained, orders).map { trained, order in
      progress(.measuring(run: trained.run.name))
      return try measure.row(trained.run, trained.outcome, sharesOrder: order == orders[0])
    }
    return .finished(rows: rows, teacher: try measure.teacherReport())
  }

  private func train(
    _ run: ComparisonConfig.Run, _ isInterrupted: () -> Bool,
    _ progress: (Stage) -> Void
  ) throws -> TrainingRun.Outcome {
    let runConfig = try run.runConfig(overrides: ["output=\(config.output)/\(run.name)"])
    let training = try TrainingRun.prepare(runConfig, version: version, command: command)
    for note in training.notes { progress(.note(run: run.name, note)) }
    return try training.run(isInterrupted: isInterrupted) {
      progress(.training(run: run.name, $0))
    }
  }
}

/// What decides which sequences a run sees, and when: only runs that share it can be compared step
/// by step.
private struct SequenceOrder: Equatable {
  let cache: String?
  let data: DataConfig?
  let sequencesPerStep: Int
  let seed: Int

  init(_ config: RunConfig) {
    cache = config.cachePath
    data = cache == nil ? config.data : nil
    sequencesPerStep = config.training.batchSize * config.training.gradientAccumulationSteps
    seed = config.training.seed
  }
}

/// The text, the teacher and the prompt that all students meet.
private struct Measure {
  let windows: [PackedSequence]
  let teacher: Models.Decoder?
  let teacherPath: String
  let tokenizer: Tokenizer?
  let prompt: String?

  /// What to measure with; without a teacher, the tokenizer is that of a trained model.
  init(_ config: ComparisonConfig, _ checkpoint: Checkpoint?, model: String?) throws {
    teacherPath = checkpoint?.path ?? ""
    tokenizer =
      try checkpoint?.tokenizer() ?? model.flatMap { try Checkpoint.open($0).tokenizer() }
    teacher = try checkpoint.map { try Models.Decoder($0) }
    prompt = config.prompt
    windows = try HeldOutData(
      config.data, tokenizer: tokenizer,
      window: config.data.sequenceLength ?? checkpoint?.config.maxPositionEmbeddings ?? 512,
      tokens: config.tokens
    ).sequences()
  }

  func row(
    _ run: ComparisonConfig.Run, _ outcome: TrainingRun.Outcome, sharesOrder: Bool
  ) throws -> Comparison.Row {
    let checkpoint = try Checkpoint.open(outcome.model ?? "")
    try checkVocabulary(checkpoint.config.vocabSize)
    let student = try Models.Decoder(checkpoint)
    let reference = teacher.map { Evaluator.Reference.live($0) } ?? .text
    return Comparison.Row(
      name: run.name, state: outcome.state, cachingSeconds: run.cachingSeconds,
      evaluation: try Evaluator(student, against: reference).evaluate(windows),
      sample: try sample(student, try checkpoint.tokenizer() ?? tokenizer),
      sharesOrder: sharesOrder)
  }

  private func checkVocabulary(_ student: Int) throws {
    guard let vocabulary = teacher?.config.vocabSize, vocabulary != student else { return }
    throw PreparationError.vocabulary(student: student, cache: vocabulary, path: teacherPath)
  }

  func teacherReport() throws -> EvaluationReport? {
    try teacher.map { try Evaluator($0).evaluate(windows) }
  }

  /// The greedy continuation of the prompt.
  private func sample(_ student: Models.Decoder, _ tokenizer: Tokenizer?) throws -> String? {
    guard let prompt, let tokenizer else { return nil }
    let ids = tokenizer.encode(prompt)
    guard !ids.isEmpty else { return nil }
    let generated = TextGenerator(student).continuation(of: ids, limit: 32)
    return tokenizer.decode(ids + generated, skippingSpecialTokens: true)
  }
}
