import ArgumentParser
import Foundation
import Shards

/// `codistill-bench read`: passes through a cache.
struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Read and decode a whole cache, sequence after sequence.")

  @Option(help: "The folder of the cache.")
  var cache: String

  func run() throws {
    let reader = try CacheReader(directory: URL(filePath: cache))
    let facts = Facts(sequences: reader.count, bytes: reader.manifest.bytes)
    try StepServer.serve(facts) {
      var tokens = 0
      let time = try seconds {
        for index in 0..<reader.count {
          tokens += try reader.sequence(at: index).text.recordCount
        }
      }
      return Measurement(seconds: time, tokens: tokens)
    }
  }

  private struct Facts: Encodable {
    let ready = true
    let sequences, bytes: Int
  }
}
