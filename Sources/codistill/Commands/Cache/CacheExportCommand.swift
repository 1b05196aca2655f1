import ArgumentParser
public import Capture
import Foundation
import Reports
import Shards

extension CacheExporter.Format: ExpressibleByArgument {}

/// `codistill cache export`.
struct CacheExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write what a cache holds into one plain file.",
    discussion: """
      jsonl: an object a sequence, with "tokens", "fragments", "loss_mask", per record "argmax", \
      "entropy" and "next_log_probability", and for each of the "draws" the "ids" and "values" (a \
      dense cache: "log_probabilities"). safetensors: the same laid end to end, with offsets.

      Example:
        codistill cache export caches/first --format jsonl --output first.jsonl --sequences 0..9
        codistill cache export caches/first --format safetensors --output first.safetensors
      """)

  @Argument(help: "The cache's folder.")
  var cache: String
  @Option(help: "The file to write; one that is there is replaced.")
  var output: String
  @Option(help: "The form of the file: jsonl or safetensors.")
  var format: CacheExporter.Format
  @Option(help: "The first and the last sequence to write, counted from 0 (default: all).")
  var sequences: SequenceSpan?
  @OptionGroup var machine: MachineOptions
  @OptionGroup var result: OutputOptions

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    machine.apply()
    let reader = try CacheReader(directory: URL(filePath: cache))
    let exporter = try CacheExporter(reader, sequences: sequences?.range)
    let count = sequences?.range.count ?? reader.count
    let line = ProgressLine("exporting", total: count, unit: "sequences")
    try exporter.write(to: output, format: format) { line.update(done: $0) }
    line.finish()
    let file = URL(filePath: output).resolvingSymlinksInPath().path(percentEncoded: false)
    let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
    let answer = Answer([
      "output": output, "format": format.rawValue, "sequences": count, "bytes": bytes,
    ])
    try Console.result(answer, asJSON: result.json) {
      "\(output): \(count) sequences, \(Figures.bytes(bytes))"
    }
  }
}

/// A span of sequences as `--sequences` takes it: `3..7`, both ends included, or `3`.
struct SequenceSpan: ExpressibleByArgument {
  /// The sequences' numbers.
  let range: Range<Int>

  init?(argument: String) {
    let ends = argument.split(separator: "..", maxSplits: 1, omittingEmptySubsequences: false)
      .map { Int($0) }
    guard let first = ends[0], let last = ends[ends.count - 1], first >= 0, last >= first,
      last < .max
    else { return nil }
    range = first..<(last + 1)
  }
}
