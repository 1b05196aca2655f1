import ArgumentParser

/// The commands about tokenizers.
struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Train a byte-level BPE, and turn text into ids and back.",
    discussion: """
      Example:
        codistill tokenizer train --data texts/ --vocab-size 8192 --output tokenizer.json
        codistill tokenizer encode --tokenizer tokenizer.json "Some text"
        codistill tokenizer decode --tokenizer tokenizer.json --ids 12,7,3
      """,
    subcommands: [
      TokenizerTrainCommand.self, TokenizerEncodeCommand.self, TokenizerDecodeCommand.self,
    ])
}
