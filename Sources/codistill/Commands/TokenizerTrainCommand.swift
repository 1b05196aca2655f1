import ArgumentParser
import Text

/// `codistill tokenizer train`.
struct TokenizerTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a byte-level BPE on texts.",
    discussion: """
      Example:
        codistill tokenizer train --data texts/ --vocab-size 8192 --output tokenizer.json
      """)

  @OptionGroup var texts: DataOptions
  @Option(help: "The number of token ids, special tokens included.")
  var vocabSize: Int
  @Option(
    parsing: .singleValue,
    help: "A special token; repeatable (default: <|begin_of_text|> and <|end_of_text|>).")
  var special: [String] = []
  @Option(help: "The tokenizer.json to write.")
  var output: String
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard !texts.data.isEmpty else { throw ValidationError("Missing expected argument '--data'") }
    // Bytes need 256 ids; nothing is left of a vocabulary below.
    try Limits.within((256 + specialTokens.count)...(1 << 24), vocabSize, "--vocab-size")
  }

  private var specialTokens: [String] {
    special.isEmpty ? ["<|begin_of_text|>", "<|end_of_text|>"] : special
  }

  func run() throws {
    guard let data = try texts.config(defaultSplit: .train) else { return }
    machine.apply()
    let summary = try Engine.trainTokenizer(
      TokenizerRequest(
        data: data, vocabSize: vocabSize, specialTokens: specialTokens, output: output))
    try Console.result(summary, asJSON: format.json) { summary.text }
  }
}
