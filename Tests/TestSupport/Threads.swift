import Base
import Synchronization

private let threadLock = Mutex<Void>(())

/// Runs `body` with a number of threads; such calls wait for one another, tests run in parallel.
public func withThreadCount<Result: Sendable>(_ count: Int, _ body: () throws -> Result) rethrows
  -> Result
{
  try threadLock.withLock { _ in
    let before = Parallel.threadCount
    Parallel.threadCount = count
    defer { Parallel.threadCount = before }
    return try body()
  }
}
