import ArgumentParser

/// `codistill logits`.
struct LogitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logits",
    abstract: "Write a model's raw logits for a sequence of tokens, as safetensors.",
    discussion: """
      One tensor, "logits", float32, a row for every input token.

      Example:
        codistill logits --model runs/student --tokens 1,2,3 --output logits.safetensors
      """)

  @Option(help: "The model: a Hugging Face folder, a .gguf file or a run directory.")
  var model: String
  @Option(help: "The token ids, with commas between them.")
  var tokens: TokenList
  @Option(help: "The safetensors file to write.")
  var output: String
  @OptionGroup var context: ContextOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try InputPath.require(model, remedy: "check --model")
    machine.apply()
    let summary = try Engine.writeLogits(
      model: model, tokens: tokens.ids, output: output, beyondContext: context.beyondContext)
    try Console.result(summary, asJSON: format.json) { summary.text }
  }
}
