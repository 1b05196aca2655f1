public import ArgumentParser
import Capture
public import Measuring
import Text

extension OverlapRule: ExpressibleByArgument {}

/// `codistill evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Measure how well a model predicts a text; with a teacher or cache, how near it is to it.",
    discussion: """
      Each document is scored in windows of the model's context; the mean is over all predictions.
      A live teacher, or a dense cache, tells the percentiles of the KL and the acceptance too;
      sparse caches are right on average only.

      Example:
        codistill evaluate --model runs/student --data texts/ --split held_out --held-out 0.02
        codistill evaluate --model runs/student --cache caches/held-out --json
        codistill evaluate --model runs/student --data texts/ --teacher runs/teacher \\
          --group-key language
      """)

  @Option(help: "The model: a Hugging Face folder, a .gguf file or a run directory.")
  var model: String
  @OptionGroup var texts: DataOptions
  @Option(help: "A cache: adds KL, agreement and calibration against its teacher.")
  var cache: String?
  @Option(help: "A teacher's model, run beside it: adds KL, agreement and acceptance.")
  var teacher: String?
  @Option(help: "The key of a JSON line that holds its group, such as language: adds each group.")
  var groupKey: String?
  @Option(help: "A tokenizer.json, or a folder with one (default: the model's).")
  var tokenizer: String?
  @Option(help: "The tokens of a window (default: the model's context).")
  var window: Int?
  @Option(help: "The most tokens to score, of documents taken by their hashes (default: all).")
  var tokens: Int?
  @Option(
    help: """
      Texts that the model's run trained on: refuse, remove or keep \
      (default: a cache is refused, texts are kept and counted).
      """)
  var overlap: OverlapRule?
  @OptionGroup var context: ContextOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard texts.data.isEmpty != (cache == nil) else {
      throw ValidationError("evaluate takes either --data or --cache")
    }
    guard cache == nil || (teacher == nil && groupKey == nil) else {
      throw ValidationError(
        "a cache has its teacher's targets and no groups; --teacher and --group-key take --data")
    }
    try Limits.within(2...(1 << 24), window, "--window")
    try Limits.within(Limits.tokens, tokens, "--tokens")
  }

  func run() throws {
    try InputPath.require(model, remedy: "check --model")
    if let cache { try InputPath.require(cache, remedy: "check --cache") }
    if let teacher { try InputPath.require(teacher, remedy: "check --teacher") }
    if let tokenizer { try InputPath.require(tokenizer, remedy: "check --tokenizer") }
    let named = try texts.cacheName()
    if let cache = cache ?? named { try requireNoTextOptions(beside: cache) }
    if let named, teacher != nil || groupKey != nil {
      throw ValidationError("\(named): is a cache; --teacher and --group-key take texts")
    }
    var data = named == nil ? try texts.config(defaultSplit: .all, tokens: tokens) : nil
    data?.groupKey = groupKey
    let rule = overlap ?? (data == nil ? .refuse : .keep)
    machine.apply()
    let summary = try Engine.evaluate(
      EvaluationRequest(
        model: model, data: data, cache: cache ?? named, teacher: teacher,
        tokenizer: tokenizer, window: window, tokens: tokens, overlap: rule,
        beyondContext: context.beyondContext))
    try Console.result(summary, asJSON: format.json) { summary.text }
  }

  /// A cache's documents and windows were chosen when it was built.
  private func requireNoTextOptions(beside cache: String) throws {
    let given = texts.given + (window == nil ? [] : ["--window"])
    guard given.isEmpty else {
      throw ValidationError(
        "\(cache): is a cache, whose documents and windows are those that it was built with; "
          + "leave out \(given.joined(separator: ", "))")
    }
  }
}
