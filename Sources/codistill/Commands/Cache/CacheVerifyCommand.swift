import Base
import ArgumentParser
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
    let verification = CacheVerification(report)
    try Console.result(verification, asJSON: format.json) { verification.text }
    guard verification.ok else {
      throw CommandError.damagedCache(path: cache, problems: verification.problems.count)
    }
  }
}
