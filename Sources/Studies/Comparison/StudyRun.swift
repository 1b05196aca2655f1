import Base
import Foundation
import Losses
import Models
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
  /// Its share of the seconds that its cache took.
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

  /// Whether its own rule ended it before its last step: `evaluation.patience`.
  var isStoppedEarly: Bool { result?.stoppedEarly == true }

  /// Whether a time limit ended it before its last step.
  var isCutShort: Bool { result.map { $0.steps < steps && $0.stoppedEarly != true } ?? false }

  /// Whether there is anything left to train.
  var isOpen: Bool { result == nil && divergence == nil }

  /// The checkpoint of a step, if it is there.
  func checkpoint(at step: Int) -> RunCheckpoint? {
    RunCheckpoint.all(in: RunFiles(folder: folder).checkpoints).last { $0.step == step }
  }

  /// The best weights that a checkpoint of the run refers to.
  func weights(of best: BestEvaluation) -> RunCheckpoint {
    .of(best.step, in: RunFiles(folder: folder).checkpoints, .best)
  }

  /// The steps made and saved; of a run that has ended all, since none is left to make.
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

/// The point where a run's loss was no longer a number: it is not trained further, and ranks last.
/// (`diverged.json`)
///
/// A run diverges again however often it is begun, because each step is a function of its config
/// and its inputs. Without the file it is tried again.
package struct RunDivergence: Codable, Sendable, Equatable {
  /// SHA-256 of everything that it depends on.
  var key: String
  /// The last step whose loss was a number.
  package var step: Int
  /// The loss of the next one.
  package var loss: Double
  /// The norm of its gradient.
  package var gradientNorm: Double
}

/// The message of a process whose run diverges.
package struct DivergenceNews: Codable, Sendable, Equatable {
  /// The loss that was no number, or whose gradient was none.
  package var divergedLoss: Double
  /// The norm of that gradient.
  package var gradientNorm: Double

  /// The news of an error; nil of any other error.
  package init?(_ error: any Error) {
    switch error as? TrainingError {
    case .diverged(let loss, let norm):
      divergedLoss = loss
      gradientNorm = norm
    case .notFinite:
      divergedLoss = .nan
      gradientNorm = .nan
    default: return nil
    }
  }
}

extension StudyRun {
  private var divergencePath: String { folder + "/diverged.json" }

  /// Everything that a divergence depends on; how often a run is saved is no part of it.
  private var divergenceKey: String {
    var config = config
    config.output = ""
    config.training.saveSteps = nil
    config.training.loggingSteps = 1
    config.training.maxSeconds = nil
    let inputs = fingerprints.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return Digest(of: ["diverged 1", config.yaml] + inputs).hexadecimal
  }

  /// The point where the run diverged, if it did.
  var divergence: RunDivergence? {
    guard let bytes = try? OpenedFile(reading: divergencePath).readAll(),
      let found = try? JSONDecoder.ofRuns.decode(RunDivergence.self, from: Data(bytes)),
      found.key == divergenceKey
    else { return nil }
    return found
  }

  /// Keeps that the run diverged after a step; returns that in words.
  func record(_ news: DivergenceNews, after step: Int) throws -> String {
    let divergence = RunDivergence(
      key: divergenceKey, step: step, loss: news.divergedLoss, gradientNorm: news.gradientNorm)
    try AtomicFile.write(try JSONEncoder.ofRuns.line(divergence), to: divergencePath)
    return "training diverged after step \(step): loss \(news.divergedLoss), gradient norm "
      + "\(news.gradientNorm); the other runs go on"
  }
}
