import ArgumentParser
import Base
import CBLASLimit
import Tensors

/// `codistill-bench limit`: what the machine gives at this moment.
struct LimitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limit", abstract: "Measure the machine: sgemm, memory, zstd.")

  @Option(help: "How many threads to use.")
  var threads = 2

  func validate() throws {
    guard !(1...64).contains(threads) else { return }
    throw ValidationError("--threads takes 1 to 64, found \(threads)")
  }

  func run() throws {
    Parallel.threadCount = threads
    let facts = Facts(library: String(cString: openblas_get_config()), threads: threads)
    let (product, memory) = (ProductLimit(threads: threads), MemoryLimit(threads: threads))
    let compression = CompressionLimit()
    try StepServer.serve(facts) {
      let rates = product.measure()
      return Rates(
        sgemmGflops: rates.library, linearGflops: rates.ours,
        limitGflops: max(rates.library, rates.ours), memoryGbps: memory.measure(),
        zstdMbps: compression.measure())
    }
  }

  private struct Facts: Encodable {
    let ready = true
    let library: String
    let threads: Int
    let precisions = Precision.allCases.filter(\.isSupported)
  }

  private struct Rates: Encodable {
    let sgemmGflops, linearGflops, limitGflops, memoryGbps, zstdMbps: Double
  }
}
