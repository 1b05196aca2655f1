import Capture
import Foundation
import Losses
import Measuring
import Models
import Shards
package import Tensors
import Text

/// A whole training run: its folder, its steps, its evaluations, its checkpoints.
///
/// A run that was interrupted goes on from its latest valid checkpoint, bit for bit as if it had
/// not been.
///
/// ```swift
/// let config = try RunConfig.read(file: "distill.yaml", kind: .distill)
/// let run = try TrainingRun.prepare(config, version: "1", command: CommandLine.arguments)
/// let outcome = try run.run(progress: { print("step \($0.step): loss \($0.report.loss)") })
/// if let model = outcome.model { print("trained: \(model)") }
/// ```
package final class TrainingRun {
  /// Whether the run was made to its end, by this process or before.
  package var isFinished: Bool { directory.isFinished }
  /// The optimizer steps of the whole run.
  package var totalSteps: Int { config.training.steps }
  /// Remarks for the user before the first step, each as one line.
  package internal(set) var notes: [String] = []

  let config: RunConfig
  let directory: RunDirectory
  let trainer: Trainer
  let data: TrainingData
  /// The codec of the teacher's stored targets; nil where none are stored.
  let codec: CacheCodec?
  let temperature: Float
  private let heldOut: HeldOutData?
  let tokenizer: SavedTokenizer?
  private let emission: TargetEmission?
  private var profile: Profile?
  private let order: DataOrder
  var state = TrainingState()
  private var lastEvaluation: EvaluationReport?
  /// The evaluation that found the best weights, if this process made it.
  var bestEvaluation: EvaluationReport?
  /// The step of the checkpoint that was written or read last.
  private var savedStep: Int?

  /// A run that is ready to begin or to go on.
  init(
    _ config: RunConfig, _ directory: RunDirectory, _ trainer: Trainer, _ data: TrainingData,
    temperature: Float, heldOut: HeldOutData?, tokenizer: SavedTokenizer?,
    emission: TargetEmission? = nil
  ) throws {
    self.config = config
    self.directory = directory
    self.trainer = trainer
    self.data = data
    codec = data.codec
    self.temperature = temperature
    self.heldOut = heldOut
    self.tokenizer = tokenizer
    self.emission = emission
    order = DataOrder(count: data.count, seed: UInt64(config.training.seed))
    if directory.isFinished {
      TargetEmission.removeLeftovers(in: directory.path)
      try removeUnusedBest()
    } else {
      try resume()
    }
  }

  /// Goes on from the latest checkpoint that can be read whole.
  ///
  /// - Throws: `RunError.corrupt` where there are checkpoints and none can be: the student may hold
  ///   a part of one by then, so that beginning anew would not be the same run.
  private func resume() throws {
    var restored: TrainingState?
    let total = config.training.steps
    let found = directory.latestCheckpoint(lastStep: total) {
      [directory, trainer, emission] checkpoint in
      try emission?.restore(from: checkpoint.path)
      let state = try TrainingCheckpoint(folder: checkpoint.path).read(
        into: trainer, step: checkpoint.step, of: total)
      if let best = state.best { try directory.weights(of: best) }
      restored = state
    }
    if restored == nil, let damaged = found.skipped.first {
      throw RunError.corrupt(path: damaged.checkpoint.path, reason: damaged.reason)
    }
    notes += found.skipped.map(\.note)
    if restored == nil { try emission?.restart() }
    state = restored ?? TrainingState()
    savedStep = restored?.step
    // A run killed before its first checkpoint has lines, too.
    try directory.metrics.truncate(pastStep: state.step)
  }

  /// Makes the steps that are left; `isInterrupted` is asked after each.
  ///
  /// A profile records where their time goes; evaluation, logging and saving are no part of it.
  /// With `stopAt`, the run is saved after that many steps in all, and goes on from there another
  /// time: every step is the same as if it had not stopped.
  ///
  /// - Throws: `TrainingError` where the loss is no number, `RunError` where nothing can be
  ///   written, `ShardError` where the cache is damaged.
  package func run(
    profile: Profile? = nil, stopAt: Int? = nil, isInterrupted: () -> Bool = { false },
    progress: (Progress) -> Void = { _ in }
  ) throws -> Outcome {
    self.profile = profile
    if let result = directory.manifest.result {
      try RunDirectory.requireSameModel(
        directory.manifest, RunFiles(folder: directory.path))
      return Outcome(result, model: modelPath, cache: try emittedCache())
    }
    let total = config.training.steps
    let last = min(total, stopAt ?? total)
    guard state.step < last, !isEnded else { return try isEnded ? finish() : pause() }
    let batches = StepBatches(
      state.step..<last, of: data, order: order, config.training)
    while state.step < last, !isEnded {
      if isInterrupted() { return try pause(isInterrupted: true) }
      let report = try step(batches)
      progress(Progress(step: state.step, totalSteps: total, tokens: state.tokens, report: report))
      if isDue(config.training.saveSteps), state.step < total { try save() }
    }
    return try isEnded ? finish() : pause()
  }

  /// Saves the run, unless it just was, for another time.
  private func pause(isInterrupted: Bool = false) throws -> Outcome {
    if savedStep != state.step { try save() }
    return Outcome(
      state: state, isInterrupted: isInterrupted, evaluation: keptEvaluation, model: nil)
  }

  /// Whether the run makes no further step.
  private var isEnded: Bool {
    state.step >= config.training.steps || isOutOfTime || isOutOfPatience
  }

  private var isOutOfTime: Bool { config.training.maxSeconds.map { state.seconds >= $0 } ?? false }

  private func isDue(_ interval: Int?) -> Bool { interval.map { state.step % $0 == 0 } ?? false }

  /// Makes one step: read, learn, log.
  private func step(_ batches: StepBatches) throws -> StepReport {
    let began = ContinuousClock.now
    let (settings, weights) = (settings(at: state.step), weights(at: state.step))
    let (report, tokens) =
      try profile?.step { try learn(batches, settings) } ?? learn(batches, settings)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    state.step += 1
    state.seconds += seconds
    if report.isSkipped {
      try skip(batches)
    } else {
      remember(report, at: state.step - 1)
      state.tokens += tokens
      state.lastLoss = report.loss
      if state.step == 1 || isDue(config.training.loggingSteps)
        || state.step == config.training.steps
      {
        try log(report, settings, weights, tokensPerSecond: Double(tokens) / seconds)
      }
    }
    if isDue(config.evaluation?.every) { try evaluate() }
    return report
  }

  /// Counts the step that was just made, in which nothing counted, and logs its sequences.
  private func skip(_ batches: StepBatches) throws {
    state.skippedSteps += 1
    var record = MetricsRecord(step: state.step, tokens: state.tokens)
    record.skippedSequences = batches.sequences(of: state.step - 1)
    try directory.metrics.append(record)
  }

  /// Learns from the next step's sequences; also returns the number of predictions.
  private func learn(
    _ batches: StepBatches, _ settings: StepSettings
  ) throws -> (report: StepReport, tokens: Int) {
    let batches = try Profile.stage(.data) { try batches.next() }
    trainer.observer = observer(at: state.step)
    let report = try trainer.step(batches, settings)
    try emission?.commitStep()
    return (report, batches.joined().reduce(0) { $0 + $1.sequence.predictionCount })
  }

  /// The observer of a step's forward passes beside the update, if any.
  private func observer(at step: Int) -> (([PackedSequence], Tensor) -> Void)? {
    guard let emission, emission.includes(step: step) else { return nil }
    return { [student = trainer.student] in emission.observe($0, $1, of: student) }
  }

  private func evaluate() throws {
    guard let heldOut else { return }
    try requireFinite()
    var student = trainer.student
    student.precision = .float32  // Runs in any precision are measured in the same one.
    let report = try heldOut.evaluate(student)
    guard report.nll.isFinite else { throw TrainingError.notFinite("the held-out loss") }
    lastEvaluation = report
    if config.evaluation?.keep == .best { try keepIfBest(report) }
    guard try !isEvaluationLogged() else { return }
    var record = MetricsRecord(step: state.step, tokens: state.tokens)
    record.heldOutNll = report.nll
    record.heldOutKl = report.teacher?.kl
    record.heldOutTop1Agreement = report.teacher?.top1Agreement
    try directory.metrics.append(record)
  }

  /// Describes the skipped steps by their number and the sequences of the first; nil without any.
  package func skippedSteps() throws -> String? {
    guard state.skippedSteps > 0 else { return nil }
    let first = try directory.metrics.records().first { $0.skippedSequences != nil }
    let numbers = (first?.skippedSequences ?? []).map(String.init).joined(separator: ", ")
    return "\(state.skippedSteps) of \(state.step) steps were skipped: nothing in them counts, for "
      + "masks or weights of 0 (first step \(first?.step ?? 0): sequences \(numbers) of "
      + "\(config.cachePath ?? "the data"); all are in \(directory.metrics.path))"
  }

  /// Whether a process that was killed after this step's checkpoint has logged its evaluation.
  private func isEvaluationLogged() throws -> Bool {
    guard savedStep == state.step else { return false }
    return try directory.metrics.records().contains {
      $0.step == state.step && $0.heldOutNll != nil
    }
  }

  /// Throws unless the student's weights, its moments and its logits on a sequence are still
  /// numbers: a loss before the last update does not tell.
  private func requireFinite() throws {
    try trainer.requireFinite(probe: try data.sample(order.visit(0).sequence).sequence)
  }

  private func save() throws {
    try requireFinite()
    try directory.writeCheckpoint(step: state.step) { folder in
      try TrainingCheckpoint(folder: folder).write(trainer, state, tokenizer: tokenizer)
      try emission?.save(to: folder)
    }
    savedStep = state.step
    try directory.removeCheckpoints(upTo: state.step, keeping: 2)
    try removeUnusedBest(current: state.best?.step)
  }

  /// The cache that the finished run emitted, if it still is where it was written.
  private func emittedCache() throws -> CacheManifest? {
    guard let path = config.emission?.path,
      let cache = try? CacheReader(directory: URL(filePath: path)).manifest,
      cache.capture.teacher.fingerprint == (try Checkpoint.open(modelPath).fingerprint)
    else { return nil }
    return cache
  }

  private var keptEvaluation: EvaluationReport? {
    state.best == nil ? lastEvaluation : bestEvaluation
  }

  private var modelPath: String { directory.path + "/model" }

  /// Measures and saves the student; the moments of a finished run are of no more use.
  private func finish() throws -> Outcome {
    // A run out of time would stop at another step the next time, and the half-written cache of
    // this one would not be its own.
    try requireFinite()
    guard state.skippedSteps < state.step || state.step == 0 else {
      throw TrainingError.nothingToLearn(steps: state.step)
    }
    if emission != nil, savedStep != state.step { try save() }
    if !isDue(config.evaluation?.every) || lastEvaluation == nil { try evaluate() }
    try restoreBest()
    try trainer.student.save(to: modelPath, tokenizer: tokenizer, replacing: true)
    let cache = try emission?.finish(teacher: modelPath, steps: state.step)
    var result = RunManifest.Result(
      steps: state.step, tokens: state.tokens, seconds: state.seconds, finalLoss: state.lastLoss)
    result.model = try FileHashes.of(modelPath)
    result.skippedSteps = state.skippedSteps == 0 ? nil : state.skippedSteps
    if let best = state.best {
      result.bestStep = best.step
      result.bestNll = best.nll
      result.stoppedEarly = state.step < config.training.steps && isOutOfPatience
    }
    try directory.finish(result)
    TargetEmission.removeLeftovers(in: directory.path)
    try removeUnusedBest()
    state.history = LossHistory()  // Of no more use, and not recorded with the result.
    return Outcome(
      state: state, isInterrupted: false,
      evaluation: keptEvaluation, model: modelPath, cache: cache,
      isStoppedEarly: result.stoppedEarly == true)
  }
}
