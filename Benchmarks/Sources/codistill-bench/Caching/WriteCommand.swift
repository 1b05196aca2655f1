import ArgumentParser
import Foundation

/// `codistill-bench write`: makes a synthetic cache for `read`, which must not count this memory.
struct WriteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write", abstract: "Write a cache of random targets; no step server.")

  @Option(help: "The folder of the cache.")
  var output: String
  @Option(help: "The sequences of the cache.")
  var sequences = 256
  @Option(help: "The token ids of the vocabulary.")
  var vocabulary = 49152
  @Option(help: "The predictions of a sequence.")
  var length = 256
  @Option(help: "The stored entries of a prediction.")
  var entries = 32

  func validate() throws {
    guard sequences > 0, length > 0, vocabulary >= 64, (2...vocabulary).contains(entries) else {
      throw ValidationError("sizes are at least 1, --vocabulary 64, --entries 2")
    }
  }

  func run() throws {
    try SyntheticCache(vocabularySize: vocabulary, length: length, entries: entries)
      .write(to: URL(filePath: output), sequences: sequences)
  }
}
