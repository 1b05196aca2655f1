import ArgumentParser
import Foundation
import Reports

/// `codistill generate`.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continue a text.",
    discussion: """
      Example:
        codistill generate --model runs/student --prompt "In the beginning" --max-tokens 40
      """)

  @Option(help: "The model: a Hugging Face folder, a .gguf file or a run directory.")
  var model: String
  @Option(help: "The beginning of the text.")
  var prompt: String
  @Option(help: "A tokenizer.json, or a folder with one (default: the model's).")
  var tokenizer: String?
  @Flag(help: "Begin with the tokenizer's BOS token, unless the prompt does.")
  var bos = false
  @Option(help: "The most tokens to draw (default: 64, or fewer up to the model's context).")
  var maxTokens: Int?
  @OptionGroup var context: ContextOptions
  @Option(help: "How evenly tokens are drawn; 0 always takes the likeliest.")
  var temperature = 0.0
  @Option(help: "Draw from the likeliest tokens that hold this much probability together.")
  var topP = 1.0
  @Option(help: "What the tokens are drawn with.")
  var seed = 0
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try Limits.within(Limits.context, maxTokens, "--max-tokens")
    try Limits.atLeast(0, seed, "--seed")
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temperature takes at least 0, found \(temperature)")
    }
    guard topP > 0, topP <= 1 else {
      throw ValidationError("--top-p takes a number above 0 and up to 1, found \(topP)")
    }
  }

  func run() throws {
    try InputPath.require(model, remedy: "check --model")
    machine.apply()
    let request = GenerationRequest(
      model: model, tokenizer: tokenizer, prompt: prompt, bos: bos, maxTokens: maxTokens,
      beyondContext: context.beyondContext, temperature: temperature, topP: topP, seed: seed)
    guard !format.json else {
      return try Console.result(try Engine.generate(request) { _ in }, asJSON: true) { "" }
    }
    // People watch the text grow; it is complete when the last piece has come.
    _ = try Engine.generate(request) { try Console.product($0) }
    try Console.product("\n")
  }
}
