import Base
import ArgumentParser
import Tensors

/// How the work is done, whatever it is.
struct MachineOptions: ParsableArguments {
  @Option(help: "How many threads to use (default: every core).")
  var threads: Int?
  @Option(help: "Steps before the first that counts.")
  var warmUp = 2
  @Option(help: "What matrix products are computed in.")
  var precision = Precision.float32

  func validate() throws {
    guard warmUp >= 0 else { throw ValidationError("--warm-up takes at least 0") }
    guard let threads, !(1...1024).contains(threads) else { return }
    throw ValidationError("--threads takes 1 to 1024, found \(threads)")
  }

  /// Makes the number of threads take effect.
  func apply() {
    if let threads { Parallel.threadCount = threads }
  }
}
