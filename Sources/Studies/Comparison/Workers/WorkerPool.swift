import Base
import Foundation
import Losses
import Training

/// Trains runs in child processes, several at once.
///
/// The pool of threads is one to a process, so that trainings side by side need processes. A child
/// watches its standard input and ends, with its run saved, when that is closed: so children end
/// in the same way on Ctrl-C, when another child fails, and when this process is killed.
package struct WorkerPool: Sendable {
  /// The executable that knows `pretrain` and `distill`.
  package var executable: String
  /// The processes at once.
  package var jobs: Int
  /// The threads of each.
  package var threads: Int

  /// A pool of processes.
  package init(executable: String, jobs: Int, threads: Int) {
    self.executable = executable
    self.jobs = jobs
    self.threads = threads
  }

  /// The pause between two looks at the children, in milliseconds.
  private static let pause: Int32 = 200

  /// Trains runs; returns false where it was interrupted, with everything saved.
  ///
  /// A run that diverges is recorded as such, and the others go on.
  ///
  /// - Throws: `ComparisonError.worker` for the first child that fails; the others are saved.
  func train(
    _ orders: [TrainingOrder], isInterrupted: () -> Bool, tell: (TrainingEvent) -> Void
  ) throws -> Bool {
    var waiting = orders[...]
    var active: [Worker] = []
    defer { for worker in active { worker.process.stopAndWait() } }
    var isStopping = false
    while !active.isEmpty || (!isStopping && !waiting.isEmpty) {
      if isStopping || isInterrupted() {
        isStopping = true
        for worker in active { worker.process.stop() }
      }
      while !isStopping, active.count < jobs, let order = waiting.popFirst() {
        active.append(Worker(order.run, try start(order)))
      }
      WorkerProcess.wait(for: active.map(\.process), milliseconds: Self.pause)
      for worker in active { relay(worker, tell) }
      let ended = active.filter(\.process.hasEnded)
      active.removeAll(where: \.process.hasEnded)
      for worker in ended {
        relay(worker, tell)
        // One that was stopped from outside means all of them.
        if try !finish(worker, tell) { isStopping = true }
      }
    }
    return !isStopping && waiting.isEmpty
  }

  private func start(_ order: TrainingOrder) throws -> WorkerProcess {
    let file = order.run.folder + "/.config.yaml"
    try Folder.make(order.run.folder)
    try AtomicFile.write(order.run.config.yaml, to: file)
    let kind = order.run.config.loss.soft == nil ? RunConfig.Kind.pretrain : .distill
    let stop = order.stopAt.map { ["--stop-at", "\($0)"] } ?? []
    return try WorkerProcess(
      executable,
      ["codistill", kind.rawValue, "--worker", "--threads", "\(threads)"] + stop + ["--", file])
  }

  private func relay(_ worker: Worker, _ tell: (TrainingEvent) -> Void) {
    let decoder = JSONDecoder.ofRuns
    let lines = worker.process.readOutput().map { Data($0.utf8) }
    let news = lines.compactMap { try? decoder.decode(StepNews.self, from: $0) }
    // A progress line needs the latest alone.
    if let last = news.last {
      worker.step = last.step
      tell(.step(run: worker.run.name, last))
    }
    let divergences = lines.compactMap { try? decoder.decode(DivergenceNews.self, from: $0) }
    worker.divergence = divergences.last ?? worker.divergence
    for note in worker.process.readNotes() { tell(.note(run: worker.run.name, note)) }
  }

  /// Looks at how a child ended; returns false where its run was saved before its end.
  private func finish(_ worker: Worker, _ tell: (TrainingEvent) -> Void) throws -> Bool {
    let (process, run) = (worker.process, worker.run)
    try? FileManager.default.removeItem(atPath: run.folder + "/.config.yaml")
    if let divergence = worker.divergence {
      tell(.diverged(run: run.name, try run.record(divergence, after: worker.step)))
      return true
    }
    switch process.status {
    case 0:
      tell(.ended(run: run.name))
      return true
    case ExitStatus.tryAgain.rawValue where process.error == nil: return false
    case let status:
      throw ComparisonError.worker(
        run: run.name, message: process.error ?? Self.words(status), status: status)
    }
  }

  private static func words(_ status: Int32) -> String {
    guard status < 0 else { return "its process ended with exit code \(status)" }
    return "its process was ended by signal \(-status), for want of memory perhaps; "
      + "run the same command again, with fewer --jobs"
  }
}

/// A child and the run that it trains.
private final class Worker {
  let run: StudyRun
  let process: WorkerProcess
  /// The last step that was told.
  var step: Int
  /// The divergence of the run, once it has diverged.
  var divergence: DivergenceNews?

  init(_ run: StudyRun, _ process: WorkerProcess) {
    self.run = run
    self.process = process
    step = run.madeSteps
  }
}
