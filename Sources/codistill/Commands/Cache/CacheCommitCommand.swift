import ArgumentParser
import Base
import Foundation
import Shards

/// `codistill cache commit`.
struct CacheCommitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit",
    abstract:
      "Finish a cache that several workers have built; exit code 75 while units are missing.",
    discussion: """
      Checks that every unit is there and whole, and writes the sums and the manifest last. Running it \
      again does no harm.

      Example:
        codistill cache build --teacher teacher.gguf --data texts/ --output cache \\
          --shard-index 0 --shard-count 2
        codistill cache build --teacher teacher.gguf --data texts/ --output cache \\
          --shard-index 1 --shard-count 2
        codistill cache commit cache
      """)

  @Argument(help: "The cache's folder.")
  var cache: String
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    machine.apply()
    let manifest = try ConcurrentProgress.show("checking", unit: "units") { report in
      try PartBuilder.commit(
        directory: URL(filePath: cache), threads: Parallel.threadCount,
        progress: { report($0, nil) })
    }
    try CacheFigures(manifest).print(asJSON: format.json)
  }
}
