import Base
import Foundation
package import Losses
package import Measuring
import Models
package import Shards
import Tensors

/// The state of a run: with the weights and both moments, all that exact resuming needs.
///
/// The order of the data is a function of the seed and the number of sequences visited, and every
/// step's settings are functions of its number and of the history of the losses, so that there is
/// nothing else to remember.
public struct TrainingState: Codable, Sendable, Equatable {
  /// The optimizer steps made.
  public var step = 0
  /// The predictions trained on.
  public var tokens = 0
  /// Those of the steps in which nothing counted, so that nothing was updated.
  public var skippedSteps = 0
  /// The seconds spent in steps, evaluation and saving not counted.
  public var seconds = 0.0
  /// The loss of the last step.
  public var lastLoss = 0.0
  /// The losses that feedback remembers.
  package var history = LossHistory()
  /// The best evaluation so far; nil before the first, and where the last weights are kept.
  package var best: BestEvaluation?

  /// The state before the first step.
  package init() {}

  /// The updates made.
  var updates: Int { step - skippedSteps }

  /// Decodes a state; one that was written before losses had a history has an empty one.
  public init(from decoder: any Swift.Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    step = try values.decode(Int.self, forKey: .step)
    tokens = try values.decode(Int.self, forKey: .tokens)
    skippedSteps = try values.decodeIfPresent(Int.self, forKey: .skippedSteps) ?? 0
    guard (0...1_000_000_000).contains(step), (0...1 << 60).contains(tokens) else {
      throw DecodingError.dataCorruptedError(
        forKey: .step, in: values, debugDescription: "the counts of steps and tokens are impossible"
      )
    }
    seconds = try values.decode(Double.self, forKey: .seconds)
    lastLoss = try values.decode(Double.self, forKey: .lastLoss)
    history = try values.decodeIfPresent(LossHistory.self, forKey: .history) ?? LossHistory()
    best = try values.decodeIfPresent(BestEvaluation.self, forKey: .best)
    if let best, best.step < 1 || best.step > step || !best.nll.isFinite {
      throw DecodingError.dataCorruptedError(
        forKey: .best, in: values, debugDescription: "the best evaluation is impossible")
    }
  }
}

extension TrainingRun {
  /// The progress of a run, told after every step.
  package struct Progress: Sendable {
    /// The steps made, and those to make.
    package var step, totalSteps: Int
    /// Predictions trained on so far.
    package var tokens: Int
    /// The findings of the last step.
    package var report: StepReport
  }

  /// The outcome of a run, finished or stopped.
  package struct Outcome: Sendable {
    /// The state of the run.
    package var state: TrainingState
    /// Whether it stopped because the user asked.
    package var isInterrupted: Bool
    /// The last evaluation on held-out text, or where the best weights are kept the one that chose
    /// them; nil where this process made none.
    package var evaluation: EvaluationReport?
    /// The folder of the trained model; nil while the run is not finished.
    package var model: String?
    /// The cache that the training emitted, if it was asked for one.
    package var cache: CacheManifest?
    /// Whether the run ended because held-out loss had not fallen for long enough.
    package var isStoppedEarly = false
  }
}

extension TrainingRun.Outcome {
  /// The outcome of a run that was finished before.
  init(_ result: RunManifest.Result, model: String, cache: CacheManifest?) {
    var state = TrainingState()
    state.step = result.steps
    state.tokens = result.tokens
    state.seconds = result.seconds
    state.lastLoss = result.finalLoss
    state.skippedSteps = result.skippedSteps ?? 0
    state.best = result.best
    self.init(
      state: state, isInterrupted: false, evaluation: nil, model: model, cache: cache,
      isStoppedEarly: result.stoppedEarly == true)
  }
}

/// The files of a training checkpoint: `model/`, `optimizer.safetensors`, `state.json`, and
/// `features.safetensors` where projections are learned.
struct TrainingCheckpoint {
  let folder: String

  /// Writes weights, moments and state into a folder that is not yet visible under its name.
  func write(_ trainer: Trainer, _ state: TrainingState, tokenizer: SavedTokenizer?) throws {
    try trainer.student.save(to: folder + "/model", tokenizer: tokenizer)
    try trainer.optimizer.withMoments { first, second in
      try SafetensorsWriter.write(
        to: folder + "/optimizer.safetensors",
        tensors: ["first_moment", "second_moment"].map {
          NamedShape(name: $0, shape: [first.count])
        }, type: .float32
      ) { name, body in
        try body(UnsafeBufferPointer(name == "first_moment" ? first : second))
      }
    }
    try trainer.features?.save(to: folder)
    try AtomicFile.write(JSONEncoder().encode(state), to: folder + "/state.json")
  }

  /// Reads the state that the checkpoint holds.
  func state() throws -> TrainingState {
    let data = Data(try OpenedFile(reading: folder + "/state.json").readAll())
    return try JSONDecoder().decode(TrainingState.self, from: data)
  }

  /// Restores weights and moments, and returns the state, which must be that of the given step.
  func read(into trainer: Trainer, step: Int, of totalSteps: Int) throws -> TrainingState {
    let state = try state()
    guard (0...totalSteps).contains(state.step), (0...state.step).contains(state.skippedSteps),
      state.tokens >= 0, step == state.step
    else { throw CheckpointFault.step(found: state.step, last: totalSteps) }
    try trainer.student.load(Checkpoint.open(folder + "/model"))
    let file = try SafetensorsFile(path: folder + "/optimizer.safetensors")
    try trainer.optimizer.withMoments { first, second in
      try read("first_moment", from: file, into: first)
      try read("second_moment", from: file, into: second)
    }
    trainer.optimizer.restore(step: state.updates)
    try trainer.features?.restore(from: folder, step: state.updates)
    return state
  }

  private func read(
    _ name: String, from file: SafetensorsFile, into moment: UnsafeMutableBufferPointer<Float>
  ) throws {
    let shape = file.entry(name)?.shape ?? []
    guard shape == [moment.count] else {
      throw CheckpointError.shapeMismatch(
        path: file.path, name: name, expected: [moment.count], found: shape)
    }
    try file.read(name, into: moment)
  }
}

extension RunDirectory {
  /// Whether an unfinished run's newest sound checkpoint does better than the run did at first, so
  /// that it is worth going on from: in other words, was not spoilt by the updates that ended it.
  package static func isWorthGoingOn(_ path: String) -> Bool {
    let files = RunFiles(folder: path)
    guard let model = try? modelPath(path), model.hasSuffix("/model"), model != files.model,
      let state = try? TrainingCheckpoint(folder: String(model.dropLast(6))).state(),
      let first = try? MetricsLog(path: files.metrics).records().lazy.compactMap(\.loss).first
    else { return false }
    return state.lastLoss < first
  }
}
