import ArgumentParser
import Base
import Capture
import Foundation
import Reports
import Shards

/// `codistill cache merge`.
struct CacheMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put several caches of one teacher, tokenizer and codec together in a new one.",
    discussion: """
      The caches stay as they are. Killed at any moment, the same command goes on where it stopped.

      Example:
        codistill cache merge caches/bible caches/news --output caches/both
      """)

  @Argument(help: "The folders of the caches, in the order of their sequences.")
  var caches: [String]
  @Option(help: "The folder of the new cache.")
  var output: String
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard caches.count > 1 else { throw ValidationError("name at least two caches") }
  }

  func run() throws {
    for cache in caches { try InputPath.require(cache, remedy: "check the path of the cache") }
    machine.apply()
    let manifest = try ConcurrentProgress.show("merging", unit: "files") { progress in
      try CacheMerger.merge(
        caches.map { URL(filePath: $0) }, into: URL(filePath: output),
        threads: Parallel.threadCount, progress: { progress($0, $1) })
    }
    let first = manifest.capture
    let marks = manifest.note(addingBOS: first.bosAdded, addingEOS: first.eosAdded)
    if let marks { Console.warning("\(caches[0]) and others: \(marks)") }
    let line = ProgressLine("comparing", total: manifest.sequences, unit: "sequences")
    let (repeated, all) = try CacheReader.repeatedDocuments(
      of: try caches.map { try CacheReader(directory: URL(filePath: $0)) }
    ) { line.update(done: $0) }
    line.finish()
    if repeated > 0 {
      Console.warning(
        "\(repeated) of the \(all) documents are in an earlier one of the caches, too: students see "
          + "them twice")
    }
    let figures = CacheFigures(manifest)
    let answer = Answer(figures, ["repeatedDocuments": repeated > 0 ? repeated : nil])
    try Console.result(answer, asJSON: format.json) { figures.text() }
  }
}
