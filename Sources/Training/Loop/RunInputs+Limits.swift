package import Capture
import Losses
package import Measuring
import Models
import Shards

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
    let cached = cache?.manifest.parts.map(\.capture.sequenceLength).max()
    let length = config.data?.sequenceLength ?? cached ?? 512
    let states =
      config.loss.features.isEmpty
      ? 0 : ((teacher?.config.numHiddenLayers ?? 0) + 1) * (teacher?.config.hiddenSize ?? 0)
    return MemoryNeed.training(
      student, teacher: teacher?.config, sequenceLength: length, config.training)
      + 4 * config.training.batchSize * length * states
  }
}

extension RunInputs {
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
