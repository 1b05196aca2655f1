import ArgumentParser
import Foundation
import Models
import Reports
import Shards
import Tensors
import Text

/// `codistill-bench fidelity`: size against fidelity, ours and the schemes of others.
struct FidelityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fidelity",
    abstract: "What caches of ours and of others take and lose, on one pass of a teacher.",
    discussion: """
      Prints one JSON object. Ours are real caches on disk, every file counted; of the others only \
      the targets are counted. No step server.
      """)

  @Option(help: "The teacher: a GGUF file, or a Hugging Face folder.")
  var teacher: String
  @Option(help: "A text, or JSON lines of texts.")
  var data: String
  @Option(help: "The predictions to measure.")
  var tokens = 131_072
  @Option(help: "The predictions of a sequence.")
  var length = 512
  @Option(help: "The thresholds of ours.")
  var taus = "0.1,0.05,0.03,0.02,0.01"
  @Option(help: "Predictions on which thresholds are sought that take given bytes; 0 seeks none.")
  var pilot = 16_384
  @Option(help: "The bytes to seek, in those of random sampling with 50 draws.")
  var sizes = "0.28,0.36,1"
  @Option(help: "The temperature of the distributions; above 1 only schemes that know one.")
  var temperature = 1.0
  @Option(help: "What is drawn from.")
  var seed = 1
  @Option(help: "Where the curve goes, as SVG.")
  var svg: String?
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    guard tokens > 0, length > 1, pilot >= 0, seed >= 0, (0.01...100).contains(temperature)
    else {
      throw ValidationError(
        "--tokens takes at least 1, --length 2, --pilot and --seed 0, --temperature 0.01 to 100")
    }
    guard Self.numbers(taus) != nil, Self.numbers(sizes) != nil else {
      throw ValidationError("--taus and --sizes take numbers above 0, with commas between them")
    }
  }

  func run() throws {
    machine.apply()
    let folder = try ScratchFolder()
    let checkpoint = try Checkpoint.open(teacher)
    guard let tokenizer = try checkpoint.tokenizer() else {
      throw BenchError.noTokenizer(path: checkpoint.path)
    }
    var decoder = try Models.Decoder(checkpoint)
    decoder.precision = machine.precision
    let data = try PackedData.load(
      paths: [data], tokenizer: tokenizer, length: length, tokenLimit: tokens)
    var work = FidelityWork(
      decoder, checkpoint, tokenizer, data, length: length, seed: UInt64(seed), folder: folder.url)
    work.temperature = temperature
    work.thresholds = Self.numbers(taus) ?? []
    let usual = CacheCodec.usualThreshold(temperature: temperature)
    if !work.thresholds.contains(usual) { work.thresholds.insert(usual, at: 0) }
    if pilot > 0 {
      work.thresholds += try work.thresholds(
        taking: Self.numbers(sizes) ?? [], pilotTokens: pilot)
    }
    let result = try work.measure()
    if let svg { try Data(result.chart.svg.utf8).write(to: URL(filePath: svg)) }
    print(try JSONOutput.line(result))
  }

  private static func numbers(_ text: String) -> [Double]? {
    let parts = text.split(separator: ",").map { Double($0) }
    let numbers = parts.compactMap { $0 }.filter { $0 > 0 && $0.isFinite }
    return numbers.count == parts.count ? numbers : nil
  }
}
