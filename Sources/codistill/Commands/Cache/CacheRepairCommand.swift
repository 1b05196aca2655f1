import ArgumentParser
import Training

/// `codistill cache repair`.
struct CacheRepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Make the damaged or missing files of a cache again, and only those.",
    discussion: """
      Takes the options that the cache was built with. The files get the bytes that they had; on a \\
      machine that computes otherwise this is refused, unless --force allows other bytes, which the \\
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

  func validate() throws {
    guard !texts.data.isEmpty else { throw ValidationError("Missing expected argument '--data'") }
  }

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    let request = try CaptureRequest(teacher: teacher, texts: texts, options: capture)
    machine.apply()
    Interruption.listen()
    let summary = try Engine.repairCache(request, at: cache, force: force)
    try Console.result(summary, asJSON: format.json) { summary.text }
    guard summary.ok else {
      throw CommandError.damagedCache(path: cache, problems: summary.problems.count)
    }
  }
}
