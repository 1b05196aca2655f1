import ArgumentParser
import Models
import Tensors

/// `codistill-bench cache`: captures of a few sequences of a real teacher.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "Captures of a teacher, each written to disk as a whole cache.")

  @Option(help: "The teacher: a GGUF file.")
  var teacher: String
  @Option(help: "A text, or JSON lines of texts.")
  var data: String
  @Option(help: "The sequences of a step.")
  var batch = 4
  @Option(help: "The predictions of a sequence.")
  var length = 512
  @Option(help: "The probability from which on an entry is always kept.")
  var tau = 0.05
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    guard batch > 0, length > 1, tau > 0, tau <= 1 else {
      throw ValidationError("--batch takes at least 1, --length 2, --tau above 0 up to 1")
    }
  }

  func run() throws {
    machine.apply()
    let folder = try ScratchFolder()
    let checkpoint = try Checkpoint.open(self.teacher)
    var teacher = try Models.Decoder(checkpoint)
    teacher.precision = machine.precision
    let work = try CachingWork(
      teacher, checkpoint, data: data, batch: batch, length: length,
      threshold: tau, folder: folder.url)
    let facts = Facts(
      parameters: work.config.parameterCount,
      activeMatmulParameters: work.config.activeMatmulParameterCount, precision: machine.precision)
    try StepServer.serve(facts, warmUp: machine.warmUp) { try work.step() }
  }

  private struct Facts: Encodable {
    let ready = true
    let parameters, activeMatmulParameters: Int
    let precision: Precision
  }
}
