import ArgumentParser
import Base
import Foundation
import Shards

/// `codistill cache verify`.
struct CacheVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of a cache; exit code 65 when one is not as it was written.",
    discussion: """
      Example:
        codistill cache verify caches/first --json
      """)

  @Argument(help: "The cache's folder.")
  var cache: String
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    machine.apply()
    let report = ConcurrentProgress.show("verifying", unit: "shards") { progress in
      CacheVerifier.verify(
        URL(filePath: cache), threads: Parallel.threadCount, progress: { progress($0, $1) })
    }
    try Console.result(report, asJSON: format.json) {
      report.ok ? "\(report.frames) frames, all whole" : report.problems.joined(separator: "\n")
    }
    guard report.ok else {
      throw CommandError.damagedCache(path: cache, problems: report.problems.count)
    }
  }
}
