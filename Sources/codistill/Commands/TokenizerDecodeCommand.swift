import ArgumentParser
import Capture
import Text

/// `codistill tokenizer decode`.
struct TokenizerDecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Turn token ids into a text.",
    discussion: """
      Example:
        codistill tokenizer decode --tokenizer tokenizer.json --ids 12,7,3
      """)

  @Option(help: "A tokenizer.json, a folder with one, or a .gguf file.")
  var tokenizer: String
  @Option(help: "The token ids, with commas between them.")
  var ids: TokenList
  @Flag(help: "Leave out special tokens.")
  var skipSpecialTokens = false
  @OptionGroup var format: OutputOptions

  func run() throws {
    try InputPath.require(tokenizer, remedy: "check --tokenizer")
    let tokenizer = try Tokenizer(source: tokenizer)
    if let unknown = ids.ids.first(where: { Int($0) >= tokenizer.vocabularySize }) {
      throw CommandError.mismatch(
        "\(self.tokenizer): has no token \(unknown); its ids end at \(tokenizer.vocabularySize - 1)"
      )
    }
    let text = tokenizer.decode(ids.ids, skippingSpecialTokens: skipSpecialTokens)
    guard !format.json else {
      return try Console.result(Answer(["text": text, "ids": ids.ids]), asJSON: true) { "" }
    }
    try Console.product(text + "\n")
  }
}
