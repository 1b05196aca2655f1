import Capture
import Foundation
import Measuring
import Models
import Shards
import Tensors
import Text

extension TrainingRun {
  /// Opens everything that a config names, checks that it belongs together, and opens the run.
  ///
  /// - Parameters:
  ///   - config: The run's config.
  ///   - version: The program's version, for the manifest.
  ///   - command: The command's words, for the manifest.
  ///   - memory: The bytes that this process may use.
  /// - Returns: The run, where its newest sound checkpoint left it.
  /// - Throws: the errors of the files, ``PreparationError`` where they do not fit, and
  ///   ``MemoryShortage`` where the training would not.
  package static func prepare(
    _ config: RunConfig, version: String, command: [String], memory: Int = .max
  ) throws -> TrainingRun {
    let inputs = try RunInputs(config)
    try inputs.requireRoom(memory)
    let (student, notes) = try inputs.makeStudent()
    let settings = AdamW.Settings(config.training)
    let trainer = Trainer(
      student: student, optimizer: AdamW(count: student.parameters.count, settings))
    trainer.teacher = try inputs.liveTeacher()
    trainer.features = try inputs.features(settings)
    let data = try inputs.trainingData()
    let (heldOut, overlap) = try inputs.heldOut(apart: data.data)
    try inputs.requireRoom(memory, evaluatingOn: heldOut)
    let context = try inputs.contextNotes(data.data, heldOut)
    let manifest = RunManifest(
      version: version, command: command, seed: config.training.seed,
      fingerprints: try inputs.fingerprints(data, heldOut))
    try TargetEmission.requireRoom(for: config)
    let directory = try RunDirectory(path: config.output, config: config, manifest: manifest)
    let run = try TrainingRun(
      config, directory, trainer, data.data,
      temperature: inputs.temperature,
      heldOut: heldOut, tokenizer: try inputs.tokenizer.map { try SavedTokenizer($0) },
      emission: directory.isFinished ? nil : try inputs.emission(in: directory.path))
    run.notes +=
      inputs.skipped.map(\.note) + inputs.padding + context + notes + data.notes + overlap
    let evaluated = heldOut.flatMap { PassedOverFiles($0.passedOver) }?.note
    if let evaluated, !data.notes.contains(evaluated) { run.notes.append(evaluated) }
    return run
  }
}

extension AdamW.Settings {
  fileprivate init(_ config: TrainingConfig) {
    self.init(
      beta1: Float(config.adamBeta1), beta2: Float(config.adamBeta2),
      epsilon: Float(config.adamEpsilon), weightDecay: Float(config.weightDecay),
      maxGradientNorm: Float(config.maxGradNorm))
  }
}
