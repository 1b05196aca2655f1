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

/// The number of this worker, and of all workers, that a launcher tells.
///
/// A launcher of processes (MPI, `srun`) may run inside each task of a job array or of a Kubernetes
/// job; the worker's number then counts through all of them.
struct WorkerEnvironment: Equatable {
  /// The worker's number, from 0.
  let index: Int
  /// The number of workers; nil where the launcher does not tell.
  let count: Int?
  /// The variables that decided.
  let source: String

  private struct Level {
    var index: Int
    var count: Int?
    var source: String
  }

  /// Reads the environment; nil where it says nothing of workers.
  init?(_ environment: [String: String]) throws {
    let tasks = try Self.array(environment) ?? Self.kubernetes(environment)
    let ranks = try Self.rank(environment)
    switch (tasks, ranks) {
    case (nil, nil): return nil
    case (let level?, nil), (nil, let level?):
      index = level.index
      count = level.count
      source = level.source
    case (let tasks?, let ranks?):
      let width = ranks.count ?? 1
      index = tasks.index * width + ranks.index
      count = tasks.count.map { $0 * width }
      source = tasks.source + " and " + ranks.source
    }
  }

  /// The rank among processes that were started together; the innermost launcher knows best.
  private static func rank(_ environment: [String: String]) throws -> Level? {
    let pairs = [
      ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE"),
      ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"), ("SLURM_PROCID", "SLURM_NTASKS"),
    ]
    for (rank, size) in pairs {
      // A batch script has SLURM_PROCID = 0 as well, though `srun` did not start it.
      if rank == "SLURM_PROCID", environment["SLURM_JOB_ID"] != nil,
        environment["SLURM_STEP_ID"] ?? environment["SLURM_STEPID"] == nil
      {
        continue
      }
      guard let index = try number(rank, environment), let count = try number(size, environment)
      else { continue }
      return Level(index: index, count: count, source: "\(rank) and \(size)")
    }
    return nil
  }

  /// The task of a Slurm job array; it must be an even one, such as 0-7, 1-8 or 10-80:10.
  private static func array(_ environment: [String: String]) throws -> Level? {
    let name = "SLURM_ARRAY_TASK_ID"
    guard let task = try number(name, environment) else { return nil }
    let count = try number("SLURM_ARRAY_TASK_COUNT", environment)
    let least = try number("SLURM_ARRAY_TASK_MIN", environment) ?? 0
    let step = max(1, try number("SLURM_ARRAY_TASK_STEP", environment) ?? 1)
    let most = try number("SLURM_ARRAY_TASK_MAX", environment)
    let isEven = most == nil || count == nil || (most.map { ($0 - least) / step + 1 } == count)
    guard task >= least, (task - least) % step == 0, isEven else {
      throw ValidationError(
        "\(name): the tasks of this job array are not evenly spaced;"
          + " give --shard-index and --shard-count")
    }
    return Level(index: (task - least) / step, count: count, source: name)
  }

  /// The index of a pod of an indexed Kubernetes job, which is not told how many there are.
  private static func kubernetes(_ environment: [String: String]) throws -> Level? {
    try number("JOB_COMPLETION_INDEX", environment).map {
      Level(index: $0, count: nil, source: "JOB_COMPLETION_INDEX")
    }
  }

  private static func number(_ name: String, _ environment: [String: String]) throws -> Int? {
    guard let text = environment[name] else { return nil }
    guard let number = Int(text), (0...1_000_000_000).contains(number) else {
      throw ValidationError(
        "\(name)=\(text) is no worker's number; give --shard-index and --shard-count")
    }
    return number
  }
}
