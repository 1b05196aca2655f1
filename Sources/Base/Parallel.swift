import CProcess
import Dispatch
import Foundation
import Synchronization

/// The one pool of threads: Dispatch's, with the number of threads that the user allows.
public enum Parallel {
  private static let limit = Atomic<Int>(ProcessInfo.processInfo.activeProcessorCount)

  /// The number of threads that work at once, at least one.
  public static var threadCount: Int {
    get { limit.load(ordering: .relaxed) }
    set { limit.store(max(1, newValue), ordering: .relaxed) }
  }

  /// The number of threads for work that is started here: one inside of parallel work.
  package static var availableThreads: Int { cp_thread_is_serial() ? 1 : threadCount }

  /// Runs `body` for 0 ..< count, spread over the threads; returns when all are done.
  ///
  /// Work started inside `body` stays on its thread, so nesting is harmless.
  package static func forEach(
    _ count: Int, threads: Int = availableThreads, _ body: (Int) -> Void
  ) {
    let workers = min(threads, count)
    if workers <= 1 {
      for index in 0..<count { body(index) }
      return
    }
    withoutActuallyEscaping(body) { body in
      // The closure ends before this call returns, and callers write to disjoint places.
      nonisolated(unsafe) let body = body
      let next = Atomic<Int>(0)
      DispatchQueue.concurrentPerform(iterations: workers) { _ in
        cp_set_thread_is_serial(true)
        defer { cp_set_thread_is_serial(false) }
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          body(index)
        }
      }
    }
  }

  /// The results of `body` for 0 ..< count, computed as ``forEach(_:threads:_:)`` does, in order.
  ///
  /// `progress` is told how many are done, from one thread at a time.
  ///
  /// ```swift
  /// let encoded = try Parallel.map(texts.count) { index in
  ///   try tokenizer.encode(texts[index])
  /// }
  /// ```
  ///
  /// - Throws: the first error by index; the other calls still run.
  package static func map<Value, Failure: Error>(
    _ count: Int, threads: Int = availableThreads, progress: ((Int) -> Void)? = nil,
    _ body: (Int) throws(Failure) -> Value
  ) throws(Failure) -> [Value] {
    let results = UnsafeMutableBufferPointer<Result<Value, Failure>>.allocate(capacity: count)
    defer { results.deallocate() }
    let done = Mutex(0)
    forEach(count, threads: threads) { index in
      do throws(Failure) {
        results.initializeElement(at: index, to: .success(try body(index)))
      } catch {
        results.initializeElement(at: index, to: .failure(error))
      }
      guard let progress else { return }
      done.withLock {
        $0 += 1
        progress($0)
      }
    }
    let finished = Array(results)
    results.deinitialize()
    var values: [Value] = []
    values.reserveCapacity(count)
    for result in finished { values.append(try result.get()) }
    return values
  }

  /// Splits 0 ..< rows into runs of about `grain` elements of `columns` each and runs them.
  package static func rows(_ rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
    let perRun = max(1, (1 << 15) / max(columns, 1))
    let runs = (rows + perRun - 1) / perRun
    forEach(runs) { run in body(run * perRun..<min(rows, (run + 1) * perRun)) }
  }
}
