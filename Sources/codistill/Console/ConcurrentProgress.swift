import Reports
import Synchronization

/// A progress line for work whose progress is told from several threads, one at a time.
enum ConcurrentProgress {
  /// Runs work, showing how much of it is done.
  static func show<Result>(
    _ label: String, unit: String,
    _ work: (@escaping @Sendable (_ done: Int, _ total: Int?) -> Void) throws -> Result
  ) rethrows -> Result {
    let state = Mutex<ProgressLine?>(nil)
    defer { state.withLock { $0?.finish() } }
    return try work { done, total in
      state.withLock { line in
        if line == nil { line = ProgressLine(label, total: total, unit: unit) }
        line?.update(done: done)
      }
    }
  }
}
