package import Capture
import Foundation
import Losses
package import Measuring
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
    var inputs = try RunInputs(config)
    try inputs.requireRoom(memory)
    let (student, notes) = try inputs.makeStudent()
    let settings = AdamW.Settings(config.training)
    let trainer = Trainer(
      student: student, optimizer: AdamW(count: student.parameters.count, settings))
    trainer.teacher = try inputs.liveTeacher()
    trainer.features = try inputs.features(settings)
    let data = try inputs.trainingData()
    try inputs.countSteps(over: data.data)
    let config = inputs.config
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

extension RunInputs {
  /// Throws where the run would not fit into so many bytes.
  func requireRoom(_ usable: Int) throws(MemoryShortage) {
    try MemoryShortage.check("this training", needs: neededBytes, of: usable)
  }

  /// Throws where the run and its evaluations would not fit into so many bytes.
  func requireRoom(_ usable: Int, evaluatingOn heldOut: HeldOutData?) throws(MemoryShortage) {
    guard let heldOut else { return }
    let measuring =
      MemoryNeed.evaluation([student], window: heldOut.longestWindow, at: heldOut.windowCount)
      - MemoryNeed.weights(student)
    try MemoryShortage.check(
      "this training, measured on windows of \(heldOut.longestWindow) tokens,",
      needs: neededBytes + measuring, of: usable)
  }

  private var neededBytes: Int {
    let states =
      config.loss.features.isEmpty
      ? 0 : ((teacher?.config.numHiddenLayers ?? 0) + 1) * (teacher?.config.hiddenSize ?? 0)
    return MemoryNeed.training(
      student, teacher: teacher?.config, sequenceLength: sequenceLength, config.training)
      + 4 * config.training.batchSize * sequenceLength * states
  }

  /// Remarks on windows beyond the contexts of the student and the live teacher.
  ///
  /// - Throws: ``PreparationError/beyondContext(model:context:longest:remedy:)`` unless the config
  ///   allows them.
  package func contextNotes(_ data: TrainingData, _ heldOut: HeldOutData?) throws -> [String] {
    let allowing = "training.beyond_context"
    let cached = ContextRemedy.cache(allowing: "set \(allowing): true")
    var read: [(model: DecoderConfig, name: String, length: (Int) throws -> Int, ContextRemedy)] =
      []
    let remedy =
      config.cachePath == nil ? .key("data.sequence_length", allowing: allowing) : cached
    read.append((student, "the student", data.longestContext(above:), remedy))
    if let teacher {
      read.append((teacher.config, "the teacher \(teacher.path)", data.longestContext, remedy))
    }
    if let heldOut {
      let remedy =
        heldOut.areFragments
        ? cached : .key("evaluation.data.sequence_length", allowing: allowing)
      read.append((student, "the student", heldOut.longestContext, remedy))
    }
    return try read.compactMap { model, name, length, remedy in
      try model.contextNote(
        reading: length(model.maxPositionEmbeddings), name,
        isAllowed: config.training.beyondContext, remedy)
    }
  }
}
