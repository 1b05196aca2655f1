import ArgumentParser
import Models
import Tensors

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
    let logits = try logits(of: tokens.ids)
    try SafetensorsWriter.write(
      to: output, tensors: [NamedShape(name: "logits", shape: logits.shape)], type: .float32
    ) { _, body in try logits.withValues(body) }
    let (rows, columns) = (logits.rows, logits.columns)
    let answer = Answer(["output": output, "tokens": rows, "vocabSize": columns])
    try Console.result(answer, asJSON: format.json) {
      "\(output): logits, float32, \(rows) × \(columns)"
    }
  }

  private func logits(of tokens: [Int32]) throws -> Tensor {
    let checkpoint = try Checkpoint.open(Checkpoint.path(ofModel: model))
    try checkpoint.config.requireIDs(tokens)
    let note = try checkpoint.config.contextNote(
      reading: tokens.count, model, isAllowed: context.beyondContext, .option("--tokens"))
    if let note { Console.warning(note) }
    try MemoryShortage.check(
      "the model, with \(tokens.count) tokens' logits,",
      needs: MemoryNeed.logits(checkpoint.config, tokens: tokens.count))
    let logits = try Decoder(checkpoint).logits(TokenBatch(documents: [tokens]))
    try logits.requireLogits()
    return logits
  }
}
