import Foundation
import Losses
import Models
import Shards
import Text
import Training

/// A run of a comparison whose config was read and whose inputs were found to fit.
struct StudyRun: Sendable {
  /// The name in tables: the arm's, and the seed's where the comparison has seeds.
  let name: String
  /// The arm's name.
  let arm: String
  /// The config; its output is the run's folder.
  let config: RunConfig
  /// The student's shape.
  let student: DecoderConfig
  /// The shape of the teacher that runs beside it; nil without one.
  let teacher: DecoderConfig?
  /// The tokenizer of its texts, if it has one.
  let tokenizer: Tokenizer?
  /// The predictions of a training sequence.
  let sequenceLength: Int
  /// The SHA-256 of its inputs by name.
  let fingerprints: [String: String]
  /// The predictions of its own evaluations; nil where it has none.
  let heldOutCount: Int?
  /// The seconds that its cache took.
  let cachingSeconds: Double

  /// The seed of its data order and fresh weights.
  var seed: Int { config.training.seed }
  /// The run's folder.
  var folder: String { config.output }
  /// The steps of the whole run.
  var steps: Int { config.training.steps }
  /// The folder of the trained model.
  var model: String { RunFiles(folder: folder).model }

  /// Whether the teacher's signal weighs nothing at any step: neither its distributions nor its
  /// hidden states.
  var isPlain: Bool {
    config.loss.features.isEmpty && config.loss.soft?.schedule.isZero ?? true
  }
}

/// The progress of a run, as its folder tells.
extension StudyRun {
  /// The run's result; nil until it has ended.
  var result: RunManifest.Result? {
    (try? RunManifest.read(RunFiles(folder: folder).manifest))?.result
  }

  /// Whether a time limit ended it before its last step.
  var isCutShort: Bool { result.map { $0.steps < steps } ?? false }

  /// Whether there is anything left to train.
  var isOpen: Bool { result == nil && divergence == nil }

  /// The checkpoint of a step, if it is there.
  func checkpoint(at step: Int) -> RunCheckpoint? {
    RunCheckpoint.all(in: RunFiles(folder: folder).checkpoints).last { $0.step == step }
  }

  /// The steps made and saved.
  var madeSteps: Int {
    if result != nil { return steps }
    return RunCheckpoint.all(in: RunFiles(folder: folder).checkpoints).last?.step ?? 0
  }
}

/// The settings that decide which sequences a run sees, and when: only runs that share them can be
/// compared step by step.
struct SequenceOrder: Equatable {
  private let data: [String?]
  private let sequencesPerStep: Int
  private let seed: Int

  init(_ run: StudyRun) {
    data = [run.fingerprints["data"], run.fingerprints["cached data"]]
    let training = run.config.training
    sequencesPerStep = training.batchSize * training.gradientAccumulationSteps
    seed = training.seed
  }
}
