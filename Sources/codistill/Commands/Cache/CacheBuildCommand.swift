import ArgumentParser
import Training

/// `codistill cache build`.
struct CacheBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Run the teacher over texts and store what it says; resumes by itself.",
    discussion: """
      Killed at any moment, the same command goes on where it stopped, and gives the same bytes.
      Several processes or machines build one cache with --shard-index and --shard-count; `codistill \
      cache commit` then finishes it. --append adds other texts to a finished cache.
      A budget of entries or bytes a token is spent by finding τ on a sample of the texts first.

      Example:
        codistill cache build --teacher SmolLM2-135M-Instruct.Q4_1.gguf --data bible.jsonl.zst \\
          --output caches/bible --sequence-length 256 --tokens 61440 --held-out 0.02
      """)

  @Option(help: "The teacher: a Hugging Face folder, a .gguf file or a run directory.")
  var teacher: String
  @OptionGroup var texts: DataOptions
  @Option(help: "The folder of the cache.")
  var output: String
  @OptionGroup var capture: CaptureOptions
  @Flag(help: "Add the texts to a finished cache of the same teacher and codec.")
  var append = false
  @OptionGroup var share: ShareOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard !texts.data.isEmpty else { throw ValidationError("Missing expected argument '--data'") }
  }

  func run() throws {
    let request = try CaptureRequest(teacher: teacher, texts: texts, options: capture)
    machine.apply()
    Interruption.listen()
    let target = CacheTarget(output: output, share: try share.share(), isAppending: append)
    try Engine.buildCache(request, into: target).print(asJSON: format.json)
  }
}
