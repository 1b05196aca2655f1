import ArgumentParser
import Capture
import Foundation
import Shards
import Text
import Training

/// `codistill cache repair`.
struct CacheRepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Make the damaged or missing files of a cache again, and only those.",
    discussion: """
      Takes the options that the cache was built with. The files get the bytes that they had; on a \
      machine that computes otherwise this is refused, unless --force allows other bytes, which the \
      manifest then records. A cache of several parts is mended part by part, each with its data.

      Example:
        codistill cache verify caches/bible
        codistill cache repair caches/bible --teacher SmolLM2-135M-Instruct.Q4_1.gguf \\
          --data bible.jsonl.zst --sequence-length 256 --tokens 61440 --held-out 0.02
      """)

  @Argument(help: "The cache's folder.")
  var cache: String
  @Option(help: "The teacher: a Hugging Face folder, a .gguf file or a run directory.")
  var teacher: String
  @OptionGroup var texts: DataOptions
  @OptionGroup var capture: CaptureOptions
  @Flag(help: "Mend the cache though this machine computes otherwise than the one that built it.")
  var force = false
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws { try texts.requireAny() }

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    let inputs = try capture.inputs(teacher, texts)
    machine.apply()
    Interruption.listen()
    let mended = try repair(inputs)
    try Console.result(mended, asJSON: format.json) { mended.text }
    guard mended.report.ok else {
      throw CommandError.damagedCache(path: cache, problems: mended.report.problems.count)
    }
  }

  private func repair(_ inputs: CaptureInputs) throws -> CacheBuilder.Mended {
    let directory = URL(filePath: cache)
    var open = try PreparedCapture(inputs, capture) { try data(of: directory, $0) }
    try open.findThreshold(in: directory)
    let builder = open.builder()
    let mended = try ConcurrentProgress.show("verifying", unit: "shards") { progress in
      try builder.repair(directory: directory, force: force, progress: { progress($0, $1) })
    }
    guard let mended else { throw CommandError.interrupted(resume: CommandLineText.quoted) }
    return mended
  }

  /// The data of the part of a cache that was made of them; an appended part lacks the documents of
  /// those before it.
  private func data(
    of directory: URL, _ read: (KnownDocuments?) throws -> PackedData
  ) throws -> PackedData {
    let whole = try read(nil)
    let parts = (try? CacheReader.parts(in: directory)) ?? []
    guard !parts.contains(where: { $0.capture.dataFingerprint == whole.fingerprint }) else {
      return whole
    }
    for (number, part) in parts.enumerated().dropFirst() {
      // Where an earlier part is damaged, too, that one is to be repaired first.
      let before = try? CacheReader(directory: directory, parts: number).documents()
      guard let before, let left = try? read(before) else { continue }
      if left.fingerprint == part.capture.dataFingerprint { return left }
    }
    return whole
  }
}

extension CacheBuilder.Mended {
  /// The units that were made again, and the faults that are left, for people.
  fileprivate var text: String {
    let count = units.count
    let made = "\(count) shard\(count == 1 ? "" : "s")\(tables ? " and the tables" : "") made again"
    return report.ok
      ? made + "; the cache is whole" : ([made] + report.problems).joined(separator: "\n")
  }
}
