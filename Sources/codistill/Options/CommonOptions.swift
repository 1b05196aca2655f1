import ArgumentParser
import Base

/// The form in which a result is printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the result as one JSON object on standard output.")
  var json = false
}

/// The share of the machine that the work takes.
struct MachineOptions: ParsableArguments {
  @Option(help: "How many threads to use (default: every core this process may use).")
  var threads: Int?

  func validate() throws { try Limits.within(1...1024, threads, "--threads") }

  /// Makes the choice take effect.
  func apply() {
    if let threads { Parallel.threadCount = threads }
  }
}

/// Whether a model may read more than it was made for.
struct ContextOptions: ParsableArguments {
  @Flag(help: "Let a model read more tokens at once than it was made for, and record it.")
  var beyondContext = false
}

/// Token ids on a command line: `1,2,3`.
struct TokenList: ExpressibleByArgument {
  /// The ids, at least one.
  let ids: [Int32]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let ids = parts.compactMap { Int32($0.trimmingPrefix(while: \.isWhitespace)) }
    guard ids.count == parts.count, ids.allSatisfy({ $0 >= 0 }) else { return nil }
    self.ids = ids
  }
}
