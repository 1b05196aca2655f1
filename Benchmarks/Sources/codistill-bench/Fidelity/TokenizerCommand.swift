import ArgumentParser
import Foundation
import Text

/// `codistill-bench tokenizer`: Llama 4's tokenizer as a tokenizer.json.
struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Write a tiktoken file with o200k's pattern as a tokenizer.json; no step server.")

  @Option(help: "The tiktoken file, such as Llama 4's tokenizer.model.")
  var tiktoken: String
  @Option(help: "How many special tokens follow its own; their names do not matter here.")
  var specials = 2048
  @Option(help: "The tokenizer.json.")
  var output: String

  func validate() throws {
    guard specials >= 0 else { throw ValidationError("--specials takes at least 0") }
  }

  func run() throws {
    let names = (0..<specials).map { "<|special_\($0)|>" }
    let tokenizer = try Tokenizer(
      tiktoken: tiktoken, pattern: PreTokenizerPattern.o200k, specials: names)
    try tokenizer.json().write(to: URL(filePath: output), options: .atomic)
  }
}
