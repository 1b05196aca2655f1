import ArgumentParser
import Capture
import Foundation
import Text

/// `codistill-bench tokenizer`: Llama 4's tokenizer, or a teacher's, as a tokenizer.json.
struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Write a tiktoken file with o200k's pattern, or a teacher's tokenizer, as a "
      + "tokenizer.json; no step server.")

  @Option(help: "The tiktoken file, such as Llama 4's tokenizer.model.")
  var tiktoken: String?
  @Option(help: "The teacher whose tokenizer is written, a GGUF file.")
  var teacher: String?
  @Option(help: "How many special tokens follow a tiktoken file's own; their names do not matter.")
  var specials = 2048
  @Option(help: "The tokenizer.json.")
  var output: String

  func validate() throws {
    guard specials >= 0 else { throw ValidationError("--specials takes at least 0") }
    guard (tiktoken == nil) != (teacher == nil) else {
      throw ValidationError("give one of --tiktoken and --teacher")
    }
  }

  func run() throws {
    try tokenizer().json().write(to: URL(filePath: output), options: .atomic)
  }

  private func tokenizer() throws -> Tokenizer {
    if let teacher { return try Tokenizer(source: teacher) }
    let names = (0..<specials).map { "<|special_\($0)|>" }
    return try Tokenizer(
      tiktoken: tiktoken ?? "", pattern: PreTokenizerPattern.o200k, specials: names)
  }
}
