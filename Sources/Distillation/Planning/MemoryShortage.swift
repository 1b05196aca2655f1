import Models
import Shards

/// That work would not fit into the memory, found before any of it is done.
public struct MemoryShortage: Error, Equatable, CustomStringConvertible {
  /// What would take the memory.
  public var work: String
  /// The bytes that it takes.
  public var needed: Int
  /// The bytes that this process may use.
  public var usable: Int

  /// Throws where work would take more than there is.
  public static func check(
    _ work: String, needs needed: Int, of usable: Int
  ) throws(MemoryShortage) {
    guard needed > usable else { return }
    throw MemoryShortage(work: work, needed: needed, usable: usable)
  }

  /// One line: what takes how much, what there is, and the remedy.
  public var description: String {
    "\(work) takes about \(Self.size(needed)) of memory, and there are \(Self.size(usable)); "
      + "take a smaller model, batch or sequence length, or a machine with more"
  }

  private static func size(_ bytes: Int) -> String {
    let (gigabytes, megabytes) = (Double(bytes) / 1e9, bytes / 1_000_000)
    return gigabytes < 1
      ? "\(megabytes) MB" : "\(Double(Int((gigabytes * 10).rounded(.up))) / 10) GB"
  }
}

extension StepBatches {
  /// The least bytes of the sequences of the steps in memory: tokens, and what a sample is kept in.
  static func bytes(_ training: TrainingConfig, sequenceLength: Int) -> Int {
    (depth + 1) * training.batchSize * training.gradientAccumulationSteps
      * (4 * sequenceLength + MemoryLayout<TrainingSample>.stride)
  }
}

extension RunInputs {
  /// Throws where the run would not fit into so many bytes.
  func requireRoom(_ usable: Int) throws(MemoryShortage) {
    try MemoryShortage.check("this training", needs: neededBytes, of: usable)
  }

  /// The same with what measures the student on the way.
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
