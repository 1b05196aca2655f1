import ArgumentParser
import Distillation
import Text

/// What is scored, and with what.
struct EvaluationRequest {
  /// The model's checkpoint.
  var model: String
  /// The texts; nil scores the cache's own sequences.
  var data: DataConfig?
  /// The cache to compare with.
  var cache: String?
  /// A tokenizer; nil takes the model's.
  var tokenizer: String?
  /// The tokens of a window; nil takes the model's context.
  var window: Int?
  /// The most predictions that are scored; nil scores all.
  var tokens: Int?
}

/// `codistill evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Measure how well a model predicts a text; with a cache, how near it is to the teacher.",
    discussion: """
      Each document is scored in windows of the model's context; the mean is over all predictions.

      Example:
        codistill evaluate --model runs/student --data texts/ --split held_out --held-out 0.02
        codistill evaluate --model runs/student --cache caches/held-out --json
      """)

  @Option(help: "The model: a Hugging Face folder, a .gguf file or a run directory.")
  var model: String
  @OptionGroup var texts: DataOptions
  @Option(help: "A cache: adds KL, agreement and calibration against its teacher.")
  var cache: String?
  @Option(help: "A tokenizer.json, or a folder with one (default: the model's).")
  var tokenizer: String?
  @Option(help: "The tokens of a window (default: the model's context).")
  var window: Int?
  @Option(help: "The most tokens to score (default: all).")
  var tokens: Int?
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard texts.data.isEmpty != (cache == nil) else {
      throw ValidationError("evaluate takes either --data or --cache")
    }
    try Limits.atLeast(2, window, "--window")
    try Limits.atLeast(1, tokens, "--tokens")
  }

  func run() throws {
    try InputPath.require(model, remedy: "check --model")
    if let cache { try InputPath.require(cache, remedy: "check --cache") }
    if let tokenizer { try InputPath.require(tokenizer, remedy: "check --tokenizer") }
    let named = try texts.cacheName()
    let data = named == nil ? try texts.config(defaultSplit: .all, tokens: tokens) : nil
    machine.apply()
    let summary = try Engine.evaluate(
      EvaluationRequest(
        model: model, data: data, cache: cache ?? named, tokenizer: tokenizer, window: window,
        tokens: tokens))
    try Console.result(summary, asJSON: format.json) { summary.text }
  }
}
