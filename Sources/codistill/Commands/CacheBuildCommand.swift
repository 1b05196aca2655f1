import ArgumentParser
import Distillation

/// `codistill cache build`.
struct CacheBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Run the teacher over texts and store what it says; resumes by itself.",
    discussion: """
      Killed at any moment, the same command goes on where it stopped, and gives the same bytes.
      A budget of entries or bytes a token is spent by finding τ on a sample of the texts first.

      Example:
        codistill cache build --teacher SmolLM2-135M-Instruct.Q4_1.gguf --data bible.jsonl.zst \\
          --output caches/bible --sequence-length 256 --tokens 61440 --held-out 0.02 --tau 0.05
      """)

  @Option(help: "The teacher: a Hugging Face folder, a .gguf file or a run directory.")
  var teacher: String
  @OptionGroup var texts: DataOptions
  @Option(help: "The folder of the cache.")
  var output: String
  @OptionGroup var capture: CaptureOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard !texts.data.isEmpty else { throw ValidationError("Missing expected argument '--data'") }
  }

  func run() throws {
    let request = try CaptureRequest(teacher: teacher, texts: texts, options: capture)
    machine.apply()
    Interruption.listen()
    let summary = try Engine.buildCache(request, output: output)
    try Console.result(summary, asJSON: format.json) { summary.text }
  }
}
