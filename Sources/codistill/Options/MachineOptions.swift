import Base
import ArgumentParser
import Tensors

/// The share of the machine that the work takes.
struct MachineOptions: ParsableArguments {
  @Option(help: "How many threads to use (default: every core this process may use).")
  var threads: Int?

  func validate() throws {
    guard let threads else { return }
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads takes 1 to 1024, found \(threads)")
    }
  }

  /// Makes the choice take effect.
  func apply() {
    if let threads { Parallel.threadCount = threads }
  }
}
