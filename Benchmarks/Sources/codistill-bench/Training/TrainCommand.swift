import ArgumentParser
import Models
import Tensors

/// `codistill-bench train`: training steps of a student that learns from a cache.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Training steps, each from reading the cache to the update.")

  @OptionGroup var student: StudentOptions
  @Option(help: "The sequences of a step.")
  var batch = 8
  @Option(help: "The predictions of a sequence.")
  var length = 256
  @Option(help: "The stored entries of a prediction.")
  var entries = 32
  @Flag(help: "Time forward and backward apart from the optimizer.")
  var split = false
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    guard batch > 0, length > 0, (2...student.vocabulary).contains(entries) else {
      throw ValidationError("--batch and --length take at least 1, --entries 2 to the vocabulary")
    }
  }

  func run() throws {
    machine.apply()
    let folder = try ScratchFolder()
    // Four steps' worth: enough that the files are read, not one sequence over and over.
    try SyntheticCache(
      vocabularySize: self.student.vocabulary, length: length, entries: entries
    ).write(to: folder.url, sequences: 4 * batch)
    let config = self.student.config(length: length)
    var student = Models.Decoder(config, trainable: true)
    student.precision = machine.precision
    let work = try TrainingWork(
      student, cache: folder.url, batch: batch)
    let facts = Facts(
      parameters: config.parameterCount, activeMatmulParameters: config.activeMatmulParameterCount,
      precision: machine.precision)
    try StepServer.serve(facts, warmUp: machine.warmUp) {
      try split ? work.splitStep() : work.step()
    }
  }

  private struct Facts: Encodable {
    let ready = true
    let parameters, activeMatmulParameters: Int
    let precision: Precision
  }
}
