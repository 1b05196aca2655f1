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
  @OptionGroup var format: OutputOptions

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    let report = CacheVerifier.verify(URL(filePath: cache))
    let verification = CacheVerification(
      ok: report.ok, frames: report.frames, problems: report.problems)
    try Console.result(verification, asJSON: format.json) { verification.text }
    guard verification.ok else {
      throw CommandError.damagedCache(path: cache, problems: verification.problems.count)
    }
  }
}
