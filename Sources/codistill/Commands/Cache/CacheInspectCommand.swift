import ArgumentParser
import Capture
import Foundation
import Shards
import Text
import Training

/// `codistill cache inspect`.
struct CacheInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tell what a cache holds, or decode one position of it.",
    discussion: """
      Example:
        codistill cache inspect caches/first
        codistill cache inspect caches/first --position 17 --tokenizer tokenizer.json
      """)

  @Argument(help: "The cache's folder.")
  var cache: String
  @Option(help: "Decode the record of this position, counted from 0 over the whole cache.")
  var position: Int?
  @Option(
    help: "A tokenizer.json or a checkpoint, to show tokens as text (default: the teacher's).")
  var tokenizer: String?
  @OptionGroup var format: OutputOptions

  func validate() throws { try Limits.atLeast(0, position, "--position") }

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    let reader = try CacheReader(directory: URL(filePath: cache))
    guard let position else {
      let figures = CacheFigures(reader.manifest)
      return try Console.result(figures, asJSON: format.json) { figures.text() }
    }
    let record = try CachePosition(
      reader, position: position, cache: cache, tokenizer: try cachedTokenizer(reader))
    try Console.result(record, asJSON: format.json) { record.text }
  }

  /// The tokenizer that was named, or the teacher's if it is still where it was.
  private func cachedTokenizer(_ reader: CacheReader) throws -> Tokenizer? {
    let teacher = reader.manifest.capture.teacher.name
    guard let path = tokenizer ?? (FileManager.default.fileExists(atPath: teacher) ? teacher : nil)
    else { return nil }
    let found = try Tokenizer(source: path)
    try reader.requireMatch(vocabulary: nil, tokenizer: found, path: cache)
    return found
  }
}
