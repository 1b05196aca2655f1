import ArgumentParser
import Capture
import Foundation

/// The part of the work that this process does, where several make one cache.
struct ShareOptions: ParsableArguments {
  @Option(
    help: """
      The number of this worker, from 0 (default: what Slurm, MPI or a Kubernetes job says of the \
      process).
      """)
  var shardIndex: Int?

  @Option(help: "The number of workers.")
  var shardCount: Int?

  func validate() throws {
    try Limits.within(0...1_000_000, shardIndex, "--shard-index")
    try Limits.within(1...1_000_001, shardCount, "--shard-count")
    if let shardIndex, let shardCount, shardIndex >= shardCount {
      throw ValidationError(
        "--shard-index counts from 0 to \(shardCount - 1) of --shard-count, found \(shardIndex)")
    }
  }

  /// The share that the options name, or the environment where they are silent; says so then.
  func share() throws -> WorkShare {
    if let shardIndex, let shardCount { return WorkShare(index: shardIndex, count: shardCount) }
    let environment = try WorkerEnvironment(ProcessInfo.processInfo.environment)
    guard let index = shardIndex ?? environment?.index else {
      guard shardCount ?? 1 > 1 else { return .whole }
      throw ValidationError("--shard-count says of how many; say which worker with --shard-index")
    }
    let source = environment?.source ?? ""
    guard let count = shardCount ?? environment?.count else {
      throw ValidationError(
        shardIndex == nil
          ? "\(source) says worker \(index), but not of how many; give --shard-count"
          : "--shard-index says which worker; say of how many with --shard-count")
    }
    guard index < count else {
      throw ValidationError(
        "\(source) gives worker \(index) of \(count); give --shard-index and --shard-count")
    }
    let share = WorkShare(index: index, count: count)
    if share != .whole { Console.note("worker \(index) of \(count), by \(source)") }
    return share
  }
}
